// A service on a connection in memory, whose other end speaks for any number of clients, as a bus would.
import { createRegistry } from '../../src/builtins';
import { INTERFACE, METHODS, type MethodName, OBJECT_PATH, signatureOf } from '../../src/contract';
import { DomainDirectory } from '../../src/domains';
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
  /** The clients' end. */
  readonly bus: Connection;
  /** Every signal that came, of whichever client. */
  readonly signals: IncomingMessage[];
  /** Calls a method of Slave1 as that client. @throws the error that comes back */
  call(client: string, member: MethodName, ...body: unknown[]): Promise<readonly unknown[]>;
  /** The same on the object of a domain. */
  callAt(path: string, client: string, member: MethodName, ...body: unknown[]): Promise<readonly unknown[]>;
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
    domains: new DomainDirectory(),
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
  const send = async (
    path: string,
    sender: string,
    interfaceName: string,
    member: string,
    signature: string,
    body: unknown[],
  ) => (await bus.call({ sender, path, interface: interfaceName, member, signature, body })).body;
  const callAt: ServedClients['callAt'] = (path, client, member, ...body) =>
    send(path, client, INTERFACE, member, signatureOf(METHODS[member].in), body);
  const call: ServedClients['call'] = (client, member, ...body) => callAt(OBJECT_PATH, client, member, ...body);
  return {
    service,
    accounts,
    signals,
    call,
    callAt,
    bus,
    callPlain: (client, interfaceName, member) => send(OBJECT_PATH, client, interfaceName, member, '', []),
    run: async (client, text) => (await call(client, 'RunPipeline', text))[0] as number,
    untilState: (id, state) =>
      waitFor(
        () =>
          signals.some(({ member, body }) => member === 'PipelineStateChanged' && body[0] === id && body[1] === state),
        `pipeline ${id} to be ${state}`,
      ),
  };
}
