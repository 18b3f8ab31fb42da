/** Works on each of these, at most `limit` at a time, in order. @throws what `work` throws first */
export async function fanOut<T>(items: readonly T[], limit: number, work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values(); // shared: whoever is free takes the next
  const worker = async () => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}
