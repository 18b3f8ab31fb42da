// Round trips of one client: ADDRESS COUNT. Prints medians in milliarrived, as JSON, of Peer.Ping to the slave, of
// RunPipeline until its result, and of the same through the library; one of each in turn.
import { once } from 'node:events';
import dbus from 'dbus-next';
import { connect } from '../../dist/client.js';

const TEXT = 'js-eval 1';
const [address, count] = process.argv.slice(2);
const { Message, MessageType } = dbus;
const SLAVE = { destination: 'org.hotwireshell.Slave1', path: '/org/hotwireshell/Slave1' };

const bus = dbus.sessionBus({ busAddress: address, authMethods: ['EXTERNAL'] });
await once(bus, 'connect');
const domain = await connect('', { bus: address });

/** Each returns when what it waits for was there. */
const probes = {
  async ping() {
    await bus.call(new Message({ ...SLAVE, interface: 'org.freedesktop.DBus.Peer', member: 'Ping' }));
    return performance.now();
  },
  async run() {
    // The result may be in the same read as the reply: listen before calling.
    const result = signalled('PipelineResult');
    const ended = signalled('PipelineStateChanged', (body) => body[1] !== 'executing');
    const call = { ...SLAVE, interface: SLAVE.destination, member: 'RunPipeline', signature: 's', body: [TEXT] };
    await bus.call(new Message(call));
    await result;
    const arrived = performance.now();
    await ended; // the next one must not meet the end of this one, but what counts is the result
    return arrived;
  },
  async library() {
    const pipeline = await domain.run(TEXT);
    let arrived;
    for await (const value of pipeline) {
      arrived = performance.now();
      if (value !== 1) throw new Error(`${TEXT} gave ${value}`);
    }
    return arrived;
  },
};

const times = Object.fromEntries(Object.keys(probes).map((name) => [name, []]));
for (let turn = 0; turn < Number(count); turn++) {
  for (const [name, probe] of Object.entries(probes)) {
    const start = performance.now();
    const end = await probe();
    times[name].push(end - start);
  }
}
const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];
console.log(JSON.stringify(Object.fromEntries(Object.entries(times).map(([name, list]) => [name, median(list)]))));
process.exit(0);

function signalled(member, matches = () => true) {
  return new Promise((resolve) => {
    bus.on('message', function listen(message) {
      if (message.type !== MessageType.SIGNAL || message.member !== member || !matches(message.body)) return;
      bus.off('message', listen);
      resolve();
    });
  });
}
