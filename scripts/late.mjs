/** Modules of node that take 0.3 to 3 ms each to load, and that most starts do without. */
const LATE = /^(node:)?(assert|child_process|crypto|https?|zlib|(fs|stream|timers)\/promises)$/;

/** esbuild plugin: those are loaded when something of them is used first, however they are imported. */
export const late = {
  name: 'late',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: LATE }, ({ path, namespace }) =>
      namespace === 'late' ? { path, external: true } : { path, namespace: 'late' },
    );
    onLoad({ filter: LATE, namespace: 'late' }, ({ path }) => ({ contents: standIn(path) }));
  },
};

/** Source of a CommonJS module; esbuild's imports copy the own properties of one, and inherit from its prototype. */
function standIn(module) {
  return `
let loaded;
const load = () => (loaded ??= require(${JSON.stringify(module)}));
const late = new Proxy(() => {}, {
  get: (_, key) => (key === '__esModule' ? undefined : load()[key]),
  apply: (_, self, args) => load().apply(self, args),
  ownKeys: () => [],
  getPrototypeOf: () => late,
});
module.exports = late;
`;
}
