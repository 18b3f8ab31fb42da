// A bare receiver: ADDRESS NAME OBJECTS RUNS. Asks the sender NAME for so many objects, so many times, counts what
// arrives and does not look into it. Prints objects a second.
import { once } from 'node:events';
import dbus from 'dbus-next';
import { Meter } from '../meter.mjs';

const [address, name, objects, runs] = process.argv.slice(2);
const { Message, MessageType } = dbus;

const bus = dbus.sessionBus({ busAddress: address, authMethods: ['EXTERNAL'] });
await once(bus, 'connect');
const meter = new Meter(Number(objects), Number(runs));
bus.on('message', (message) => {
  if (message.type !== MessageType.SIGNAL) return;
  if (message.member === 'Objects') meter.count(message.body[2].length);
  if (message.member === 'Done' && meter.next()) run();
});
run();

function run() {
  const call = { destination: name, path: '/', interface: 'org.hotwireshell.Bench', member: 'Run' };
  // An error ends the process by itself, as nobody waits for the reply.
  void bus.call(new Message({ ...call, signature: 'u', body: [Number(objects)] }));
}
