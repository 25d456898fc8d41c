import { Link } from '@tanstack/react-router';
import { Empty } from '../design/empty.tsx';

export function NotFound() {
  return (
    <Empty title="There is nothing at this address">
      <Link to="/" className="text-blue underline">
        Go home
      </Link>
    </Empty>
  );
}
