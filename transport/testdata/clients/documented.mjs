// node documented.mjs <folder> <url> <token> <command>: runs the clients that docs/clients.md shows, which are in the
// folder, all at once. When each has its snapshot their sockets are cut, and a POST to the command's address makes the
// account expire soon; then each must be told just that.
import assert from 'node:assert/strict';
import WebSocket from 'ws';

const [folder, url, token, command] = process.argv.slice(2);
const sockets = new Set();

globalThis.WebSocket = class extends WebSocket {
  constructor(...args) {
    super(...args);
    sockets.add(this);
  }
};

const clients = [];
for (const name of ['plain', 'apollo', 'urql', 'relay']) {
  const { follow } = await import(`./${folder}/${name}.js`);
  clients.push(new Client(name, follow));
}
for (const client of clients) await client.sees(null, 'HEALTHY');
for (const socket of sockets) socket.terminate();
const answer = await fetch(command, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"expiresInSeconds": 3600}' });
assert(answer.ok, `${command}: ${answer.status}`);
for (const client of clients) await client.sees('HEALTHY', 'EXPIRING_SOON');
for (const { end } of clients) end();
for (const socket of sockets) socket.terminate();

function Client(name, follow) {
  const items = [];
  let arrived = () => {};
  this.end = follow(url, () => token, (item) => {
    items.push(item);
    arrived();
  });
  /** Waits for the next item: a change or, without a status before, part of a snapshot. */
  this.sees = async (before, status) => {
    if (items.length === 0) await new Promise((resolve) => (arrived = resolve));
    const item = items.shift();
    assert.deepEqual([item.notice, item.previousStatus, item.health?.status], [null, before, status], name);
    console.log(`${name} saw ${item.account.displayName} ${before} ${status}`);
  };
}
