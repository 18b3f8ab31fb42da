// How long one small pipeline takes in each of some domains: PIPELINE COUNT, then NAME BUS DOMAIN of each (BUS is `-` for
// none). Prints medians in milliseconds until its terminal state, as JSON, by the names; one of each in turn.
import { connect } from '../../dist/client.js';

const [text, count, ...places] = process.argv.slice(2);
/** Calls that do not count: of code that is not compiled yet, here and there. */
const WARM_UP = Number(count) / 4;
const domains = [];
for (let at = 0; at < places.length; at += 3) {
  const [name, bus, address] = places.slice(at, at + 3);
  domains.push({ name, times: [], domain: await connect(address, bus === '-' ? { embedded: true } : { bus }) });
}
for (let turn = 0; turn < Number(count) + WARM_UP; turn++) {
  for (const { domain, times } of domains) {
    const start = performance.now();
    const pipeline = await domain.run(text);
    await pipeline.drain();
    if (turn >= WARM_UP) times.push(performance.now() - start);
  }
}
const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];
console.log(JSON.stringify(Object.fromEntries(domains.map(({ name, times }) => [name, median(times)]))));
process.exit(0);
