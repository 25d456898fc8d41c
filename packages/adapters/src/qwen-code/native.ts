import { settingsFolder } from '../native-config/settings-folder.ts';

export const native = settingsFolder({
  folder: '.qwen',
  instructions: 'QWEN.md',
  // Without `trust` a call without a person is declined; without `alwaysLoadTools` the model has to search for the tools first.
  entry: { trust: true, alwaysLoadTools: true },
  settings: [
    { path: ['privacy', 'usageStatisticsEnabled'], value: false },
    { path: ['general', 'enableAutoUpdate'], value: false },
    // It would ask the model again after every turn, to write down what it remembers, and keep the turn open meanwhile.
    { path: ['memory', 'enableManagedAutoMemory'], value: false },
    { path: ['memory', 'enableManagedAutoDream'], value: false },
    // Beside its seven tries of a request it would try whole rounds of them.
    { path: ['model', 'generationConfig', 'maxRetries'], value: 0 },
  ],
});
