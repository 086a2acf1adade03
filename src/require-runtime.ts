// First import of main.ts: evaluated before any package is, some of which throw while they load on an older runtime.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 9)) {
  process.stderr.write(`Nexus Gateway runs on Node 24.9 or newer, this is ${process.version}. Start it with "npm start", which brings its own.\n`);
  process.exit(1);
}
export {};
