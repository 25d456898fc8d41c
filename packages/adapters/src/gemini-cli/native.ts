import { settingsFolder } from '../native-config/settings-folder.ts';

export const native = settingsFolder({
  folder: '.gemini',
  instructions: 'GEMINI.md',
  // Without it the tools of a server are not even offered to the model, or asked for one by one.
  entry: { trust: true },
  settings: [
    { path: ['security', 'folderTrust', 'enabled'], value: false },
    { path: ['privacy', 'usageStatisticsEnabled'], value: false },
    { path: ['general', 'enableAutoUpdate'], value: false },
    // Ten tries, the default, take minutes.
    { path: ['general', 'maxAttempts'], value: 3 },
  ],
});
