// `node scripts/warm.cjs PROGRAM ARGUMENT…` runs a program of dist/ and, when it ends, keeps beside it what V8 has compiled
// by then, for bin/launch.js.
const { readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { launch, owner } = require('../bin/launch.js');

const file = path.resolve(process.argv[2]);
process.argv.splice(1, 2, file);
const script = launch(file);
process.on('exit', () => {
  const head = Buffer.from(owner(readFileSync(file, 'latin1')));
  writeFileSync(`${file}.code`, Buffer.concat([head, script.createCachedData()]));
});
