// Follows a room by the front-end guide while its server breaks off in the middle of messages, and prints the texts that
// the page showed after each event. The server here plays what a real one would tell, one list of events a connection.
import { createServer } from "node:http";
import { EventSource } from "./event_source.mjs";

const [, , guideFile, toldByConnection] = process.argv;
const connections = JSON.parse(toldByConnection);
const server = createServer((_, response) => {
  const told = connections.shift();
  if (told === undefined) return response.writeHead(204).end();
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  response.write("retry: 1\n\n");
  for (const [name, data] of told) response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  return response.end();
});
await new Promise((open) => server.listen(0, "127.0.0.1", open));

globalThis.EventSource = EventSource;
globalThis.CHAFFER_URL = `http://127.0.0.1:${server.address().port}`;
const guide = await import(guideFile);
const shown = async (follow) => {
  const transcript = new guide.Transcript();
  const seen = [];
  await follow(transcript, (name) => {
    seen.push([name, Object.fromEntries([...transcript.messages].map(([id, message]) => [id, message.text]))]);
  });
  return seen;
};
const asked = [...connections];
const room = await shown((transcript, note) => guide.watchRoom("room", (name, data) => {
  transcript.see(name, data);
  note(name);
}));
connections.splice(0, connections.length, ...asked);
const session = await shown((transcript, note) => guide.watchSession("session", new Map([["room", transcript]]), note));
console.log(JSON.stringify({ room, session }));
process.exit(0);
