import './design/theme.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { queryClient } from './data/query-client.ts';
import { serverUpgraded } from './live/connection.ts';
import { router } from './router.tsx';

// A part of the page that is not on the server any more: the server was upgraded under it.
window.addEventListener('vite:preloadError', (event) => {
  event.preventDefault();
  serverUpgraded.set(true);
});

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
