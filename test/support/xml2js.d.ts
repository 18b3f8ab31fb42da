declare module 'xml2js' {
  export function parseStringPromise(
    text: string,
    options?: { explicitArray?: boolean; explicitChildren?: boolean },
  ): Promise<unknown>;
}
