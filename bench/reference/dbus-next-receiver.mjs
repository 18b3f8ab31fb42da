// A bare receiver: ADDRESS NAME OBJECTS. Asks the sender NAME for so many objects, counts what arrives and does not look
// into it. Prints objects a second, from the first signal (which does not count) to the last.
import { once } from 'node:events';
import dbus from 'dbus-next';
import { Meter } from '../meter.mjs';

const [address, name, objects] = process.argv.slice(2);
const { Message, MessageType } = dbus;

const bus = dbus.sessionBus({ busAddress: address, authMethods: ['EXTERNAL'] });
await once(bus, 'connect');
const meter = new Meter(Number(objects));
bus.on('message', (message) => {
  if (message.type !== MessageType.SIGNAL) return;
  if (message.member === 'Objects') meter.count(message.body[2].length);
  if (message.member === 'Done') meter.end();
});
const body = [Number(objects)];
await bus.call(
  new Message({
    destination: name,
    path: '/',
    interface: 'org.hotwireshell.Bench',
    member: 'Run',
    signature: 'u',
    body,
  }),
);
