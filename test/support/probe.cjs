// Loaded into a slave by `node --require`, for the soak: on SIGUSR2 it collects its garbage and writes what it still holds.
const { renameSync, writeFileSync } = require('node:fs');
const v8 = require('node:v8');
const vm = require('node:vm');

if (process.env.HOTWIRE_PROBE && process.argv[1]?.endsWith('hotwire-slave')) {
  v8.setFlagsFromString('--expose-gc');
  const collect = vm.runInNewContext('gc');
  process.on('SIGUSR2', () => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    // Renamed, so that whoever waits for the file finds it whole.
    writeFileSync(`${process.env.HOTWIRE_PROBE}.part`, JSON.stringify({ heap: heapUsed + external }));
    renameSync(`${process.env.HOTWIRE_PROBE}.part`, process.env.HOTWIRE_PROBE);
  });
}
