/**
 * What a node without hotwire is given first: it takes the slave's bundle from the user's cache or, when that has none,
 * from stdin, and runs it. Plain JavaScript of old, as it must tell even an old node that it is one. At the end of the
 * first run it keeps, beside the bundle, what V8 has compiled of it: the next start takes half the time. V8 does not notice
 * that such code is damaged or another build's, so it is hashed, and named after this very node. Its arguments: how its text
 * is encoded, the word that markers begin with, the least version of node, the number of compressed bytes to
 * come, the hash of the bundle, then the slave's own.
 */
export const LOADER = String.raw`
var fs = require('fs'), path = require('path'), os = require('os'), args = process.argv.slice(2);
var mark = args[1], least = +args[2], size = +args[3], hash = args[4];

function tell(word) { fs.writeSync(1, mark + ' ' + word + '\n'); }
function sha(bytes) { return require('crypto').createHash('sha256').update(bytes).digest('hex'); }

/** A directory that nobody else can write to. */
function cache() {
  var xdg = process.env.XDG_CACHE_HOME || '';
  var home = path.isAbsolute(xdg) ? xdg : path.join(os.homedir(), '.cache'), directory = path.join(home, 'hotwire');
  fs.mkdirSync(directory, { recursive: true, mode: 448 });
  var found = fs.lstatSync(directory);
  if (!found.isDirectory() || found.uid !== process.getuid()) throw new Error(directory + ' is not our own');
  if (found.mode & 63) fs.chmodSync(directory, 448);
  return directory;
}

function receive() {
  var bytes = Buffer.alloc(size), filled = 0, told = 0, nap = new Int32Array(new SharedArrayBuffer(4));
  while (filled < size) {
    var count = 0;
    try {
      count = fs.readSync(0, bytes, filled, size - filled, null);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
      Atomics.wait(nap, 0, 0, 5);
      continue;
    }
    if (count === 0) process.exit(1);
    filled += count;
    if (filled - told >= 32768) tell('got ' + (told = filled));
  }
  return require('zlib').brotliDecompressSync(bytes);
}

/** What no hotwire has asked for in a month, of versions that are gone. One that can't go is no reason to keep the others. */
function forget(directory) {
  fs.readdirSync(directory).forEach(function (name) {
    var old = path.join(directory, name);
    try {
      if (Date.now() - fs.statSync(old).mtimeMs > 30 * 24 * 3600 * 1000) fs.unlinkSync(old);
    } catch (error) { /* no file, or gone already */ }
  });
}

/** Where the code that this node compiles of the bundle is kept. */
function codeFile(file) {
  var node = fs.statSync(process.execPath);
  return [file, process.version, process.arch, node.size, Math.floor(node.mtimeMs), 'code'].join('.');
}

function readCode(file) {
  try {
    var found = fs.readFileSync(codeFile(file)), code = found.slice(64);
    if (sha(code) !== found.toString('latin1', 0, 64)) return undefined;
    touch(codeFile(file));
    return code;
  } catch (error) { /* none yet: that costs only time */ }
}

function touch(file) {
  try { fs.utimesSync(file, new Date(), new Date()); } catch (error) { /* it is only forgotten sooner */ }
}

function store(file, source) {
  var fresh = file + '.' + require('crypto').randomBytes(8).toString('hex'), made = false;
  try {
    var descriptor = fs.openSync(fresh, 'wx', 384);
    made = true;
    try { fs.writeFileSync(descriptor, source); } finally { fs.closeSync(descriptor); }
    fs.renameSync(fresh, file);
  } catch (error) {
    try { if (made) fs.unlinkSync(fresh); } catch (again) { /* it is forgotten later */ }
    return '';
  }
  try { forget(path.dirname(file)); } catch (error) { /* it only takes room */ }
  return file;
}

if (parseInt(process.versions.node, 10) < least) {
  tell('old ' + process.version);
  process.exit(0);
}
var file = '', source;
try {
  file = path.join(cache(), hash + '.cjs');
  source = fs.readFileSync(file);
} catch (error) { /* no cache, or not in it: both cost only time */ }
if (source === undefined || sha(source) !== hash) {
  tell('send');
  source = receive();
  if (sha(source) !== hash) {
    tell('bad');
    process.exit(1);
  }
  file = file && store(file, source);
} else {
  touch(file);
}
process.title = 'hotwire-slave ' + args.slice(5).join(' ');
process.argv = [process.execPath, file].concat(args.slice(5));
process.execArgv = [];
var Module = require('module'), vm = require('vm'), main = new Module(file || 'hotwire-slave', null);
main.filename = file;
main.paths = [];
tell('ready');
var code = file && readCode(file) || undefined;
var script = new vm.Script(Module.wrap(source.toString('latin1')), { filename: main.id, cachedData: code });
script.runInThisContext()(main.exports, main.require.bind(main), main, file, path.dirname(file));
if (file && (code === undefined || script.cachedDataRejected)) process.on('exit', function () {
  var made = script.createCachedData();
  try { store(codeFile(file), Buffer.concat([Buffer.from(sha(made)), made])); } catch (error) { /* the next one may */ }
});
`;
