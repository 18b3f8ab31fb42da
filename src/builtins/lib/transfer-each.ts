/** What `cp` and `mv` share: one source after the other, each to its end or taken back. */
import type { Stage } from '../../engine';
import { attempt } from './attempt';
import { finisher } from './finish';
import { Progress, planTransfers, type Transfer } from './transfer';
import { Trash } from './trash';
import { WorkAreas } from './work-area';

/** What every transfer of one command uses. */
export interface TransferTools {
  readonly trash: Trash;
  readonly progress: Progress;
  readonly areas: WorkAreas;
}

/**
 * @param name of the command, for its messages
 * @param act transfers one; it is waited for also when the pipeline is cancelled
 * @param prepare is told all of them before the first
 * @throws as `planTransfers` and `attempt`
 */
export async function transferEach(
  name: string,
  stage: Stage,
  act: (transfer: Transfer, tools: TransferTools) => Promise<void>,
  prepare: (transfers: readonly Transfer[], tools: TransferTools) => Promise<void> = async () => undefined,
): Promise<void> {
  const areas = new WorkAreas();
  const finish = finisher(stage, () => areas.close());
  const tools = { progress: new Progress(stage), trash: new Trash(stage.environment), areas };
  const transfers = await planTransfers(name, stage.args, stage.cwd);
  await prepare(transfers, tools);
  try {
    for (const transfer of transfers) {
      await finish(() => attempt(name, `${transfer.shown} to ${transfer.target}`, () => act(transfer, tools)));
    }
  } finally {
    await areas.close();
  }
}
