#!/usr/bin/env bash
# LISTEN through PgBouncer in transaction mode.
# Guess: accepted, and nothing ever arrives.
# Behaviour: it arrives at whoever borrows the server connection on which LISTEN was said: another client,
# which never asked, and goes on getting them after the listener has left. Debian 12 for the package.
set -euo pipefail
. "$(dirname "$0")/postgres"
stop() {
  if [ -s "$folder/server/pool.pid" ]; then kill -INT "$(cat "$folder/server/pool.pid")"; fi
  stop_postgres
  rm -rf "$folder"
}
trap stop EXIT
apt-get download -qq pgbouncer=1.18.0-1+deb12u1 libevent-2.1-7 libc-ares2 2>/dev/null
for package in ./*.deb; do dpkg -x "$package" system; done
npm install --silent --no-audit --no-fund pg@8.23.1
pool="$(free_port)"
echo '"postgres" ""' >users.txt
cat >pool.ini <<INI
[databases]
postgres = host=127.0.0.1 port=$postgres_port
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $pool
unix_socket_dir =
auth_type = trust
auth_file = users.txt
pool_mode = transaction
logfile = server/pool.log
pidfile = server/pool.pid
INI
library="$(dirname "$(find system -name 'libevent-2.1.so.7' | head -1)")"
as_user env LD_LIBRARY_PATH="$library" system/usr/sbin/pgbouncer -d pool.ini
LD_LIBRARY_PATH="$library" system/usr/sbin/pgbouncer --version | head -1
echo "guess: no notification reaches anyone"
POOL="$pool" node --input-type=module -e '
import { createRequire } from "node:module";
const pg = createRequire(`${process.cwd()}/x.js`)("pg");
const heard = [];
const open = async (name) => {
  const client = new pg.Client(`postgres://postgres@127.0.0.1:${process.env.POOL}/postgres`);
  client.on("notification", ({ payload }) => heard.push(`${name} got ${payload}`));
  for (let attempt = 0; ; attempt++) try { await client.connect(); return client; } catch (error) { if (attempt > 50) throw error; }
};
const listener = await open("the listener"), stranger = await open("a stranger");
await listener.query("LISTEN news");
await stranger.query("NOTIFY news, $$first$$".replaceAll("$$", String.fromCharCode(39)));
await stranger.query("SELECT 1");
await listener.end();
await stranger.query("NOTIFY news, $$second$$".replaceAll("$$", String.fromCharCode(39)));
await stranger.query("SELECT 1");
console.log("seen:", heard.join(", "));
await stranger.end();
process.exit(heard.join() === "a stranger got first,a stranger got second" ? 0 : 1);
'
