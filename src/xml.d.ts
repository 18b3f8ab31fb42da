/** XML files are imported as their text: by esbuild's loader in the bundles, by test/support/text-transform.cjs in jest. */
declare module '*.xml' {
  const text: string;
  export default text;
}
