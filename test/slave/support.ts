// A service on a connection in memory, whose other end speaks for any number of clients, as a bus would.
import { createRegistry } from '../../src/builtins';
import { INTERFACE, METHODS, type MethodName, OBJECT_PATH, signatureOf } from '../../src/contract';
import { Accounts } from '../../src/slave/account';
import { createLog } from '../../src/slave/log';
import { Service, type ServiceOptions } from '../../src/slave/service';
import { Connection, type IncomingMessage, streamPair } from '../../src/wire';
import { onCleanup } from '../support/cleanup';
import { waitFor } from '../support/wait';

export const UID = 1234;
const registry = createRegistry();

export interface ServedClients {
  readonly service: Service;
  readonly accounts: Accounts;
  /** Every signal that came, of whichever client. */
  readonly signals: IncomingMessage[];
  /** Calls a method of Slave1 as that client. @throws the error that comes back */
  call(client: string, member: MethodName, ...body: unknown[]): Promise<readonly unknown[]>;
  /** Calls any method without arguments as that client. */
  callPlain(client: string, interfaceName: string, member: string): Promise<readonly unknown[]>;
  /** Starts a pipeline as that client. @returns its id */
  run(client: string, text: string): Promise<number>;
  untilState(id: number, state: string): Promise<void>;
}

export async function serveClients(options: Partial<ServiceOptions> = {}): Promise<ServedClients> {
  const [near, far] = streamPair();
  const [connection, bus] = await Promise.all([Connection.accept(near), Connection.connect(far, { hello: false })]);
  const accounts = options.accounts ?? new Accounts();
  const service = new Service(connection, {
    registry,
    log: createLog('silent'),
    directory: '/',
    accounts,
    program: [],
    uidOf: () => UID,
    ...options,
  });
  connection.onCall = (call) => service.handle(call);
  const signals: IncomingMessage[] = [];
  bus.on('signal', (signal) => signals.push(signal));
  onCleanup(async () => {
    service.forgetAll();
    await bus.close();
  });
  const send = async (sender: string, interfaceName: string, member: string, signature: string, body: unknown[]) => {
    const message = { sender, path: OBJECT_PATH, interface: interfaceName, member, signature, body };
    return (await bus.call(message)).body;
  };
  const call: ServedClients['call'] = (client, member, ...body) =>
    send(client, INTERFACE, member, signatureOf(METHODS[member].in), body);
  return {
    service,
    accounts,
    signals,
    call,
    callPlain: (client, interfaceName, member) => send(client, interfaceName, member, '', []),
    run: async (client, text) => (await call(client, 'RunPipeline', text))[0] as number,
    untilState: (id, state) =>
      waitFor(
        () =>
          signals.some(({ member, body }) => member === 'PipelineStateChanged' && body[0] === id && body[1] === state),
        `pipeline ${id} to be ${state}`,
      ),
  };
}
