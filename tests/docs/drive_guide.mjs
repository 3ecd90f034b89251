// Plays the snippets of the front-end guide against a server, and prints what came of each as one JSON document.
import { readFileSync } from "node:fs";
import { EventSource } from "./event_source.mjs";

const [, , guideFile, url, scenarioFile] = process.argv;
globalThis.EventSource = EventSource;
globalThis.CHAFFER_URL = url;
const guide = await import(guideFile);
const scenario = JSON.parse(readFileSync(scenarioFile, "utf8"));
const refused = async (work) => {
  try {
    await work();
  } catch (error) {
    const { status, code, forPeople, requestId, message } = error;
    return { status, code, forPeople, requestId, message };
  }
  return null;
};
const told = (transcript) => ({ messages: Object.fromEntries(transcript.messages), offers: Object.fromEntries(transcript.offers) });

let deltas = 0;
const run = await guide.shop(scenario, (name) => { deltas += name === "message_delta"; });
const rooms = [...run.transcripts.keys()];
const states = await Promise.all(rooms.map((room) => guide.call("GET", `/api/v1/negotiation/${room}/state`)));
const again = new guide.Transcript();
const outcome = await guide.watchRoom(rooms[0], (name, data) => again.see(name, data));
const rejoined = new guide.Transcript();
const nothingToFollow = await guide.rejoin(rooms[0], rejoined);

const second = await guide.openSession(scenario);
const [talked, stopped] = second.negotiation_rooms;
await guide.startRoom(talked.room_id);
const live = new guide.Transcript();
const ended = new Promise((done) => {
  guide.rejoin(talked.room_id, live, (name) => { if (name === "negotiation_complete") done(); }).then((source) => {
    ended.close = () => source.close();
  });
});
const said = await guide.say(talked.room_id, "Could you all do a little better, please?");
const decided = await guide.decide(talked.room_id);
await ended;
ended.close();

const collected = async (pages) => {
  const found = [];
  for await (const each of pages) found.push(each.session_id);
  return found;
};

const talk = await guide.beginRun({ topic: "tea or coffee", max_turns: 3, seed: 7, bots: [{ provider: "builtin" }, { provider: "builtin" }] });
const streamed = new guide.RunTranscript();
const talkEnded = await guide.watchRun(talk.id, (frame) => streamed.see(frame));
const steered = await guide.beginRun({ topic: "cats or dogs", max_turns: 50, bots: [{ provider: "builtin" }, { provider: "builtin" }] });
const joined = new guide.RunTranscript();
const refusals = [];
let asked = false;
const socket = guide.joinRun(steered.id, (frame) => {
  joined.see(frame);
  if (frame.type === "refused") {
    refusals.push(frame.error.code);
    socket.stop();
  }
  if (frame.type !== "token" || asked) return;
  asked = true;
  socket.say("And hamsters?", "Zoë");
  socket.change(1, { name: "Cleo" });
  socket.change(0, { temperature: 7 });
});
await socket.ended;

const vague = await guide.tellAssistant("I want a laptop");
const answered = await guide.answerAssistant(vague.question, "gaming, 15-inch please");
const seenAgain = Object.assign(new guide.ShoppingTurn(), { sessionId: answered.sessionId });
await guide.watchShopping(seenAgain, () => {}, () => seenAgain.result !== null);
const bought = answered.result.recommendation.recommended_product;
const news = await guide.buy(answered, bought.id, { quantity: 1 });
const disliked = await guide.thumbsDown(answered.sessionId, "Brand");
const liked = await guide.setPreferences("local", { liked_brands: ["Sony"] });
const shopping = {
  question: vague.question,
  answer: [answered.text, answered.node, answered.result],
  again: [seenAgain.text, seenAgain.node, seenAgain.result],
  bought,
  news,
  disliked: disliked.result,
  liked: [liked.liked_brands, (await guide.preferences("local")).liked_brands],
  state: await guide.shoppingSession(answered.sessionId),
  sessions: await collected(guide.shoppingSessions()),
  tooLate: await refused(() => guide.answerAssistant(vague.question, "office")),
  unknown: await refused(() => guide.tellAssistant("hello", "never_was")),
};

const chatting = new guide.Chat();
await guide.sayInChat(chatting, "find me a quiet keyboard under 120");
await guide.sayInChat(chatting, "haggle for two");
const { conversationId, pending } = chatting;
const waiting = await guide.conversation(conversationId);
await guide.answerApproval(chatting, true);
if (chatting.news.length === 0) await guide.watchChat(chatting, () => {}, (frame) => frame.type === "news");
await guide.sayInChat(chatting, "what invoices do I have?");
const chat = {
  pending,
  waiting,
  news: chatting.news,
  answers: chatting.messages,
  tools: [...chatting.tools.values()].map((call) => [call.name, call.status]),
  stopped: (await guide.stopChat(chatting)).status,
  renamed: (await guide.renameConversation(conversationId, { title: "Keyboards" })).title,
  found: (await guide.findConversations("keyboard")).conversations.map((each) => each.id),
  state: await guide.conversation(conversationId),
  older: (await guide.olderMessages(conversationId, 2)).messages,
  deleted: (await guide.deleteConversation(conversationId)).id,
  tooLate: await refused(() => guide.sayInChat(chatting, "hello")),
};

const everything = JSON.stringify({
  chat,
  shopping,
  run: { ended: talkEnded, messages: [...streamed.messages.values()], state: await guide.runState(talk.id) },
  socket: { messages: [...joined.messages.values()], between: joined.between, status: joined.status, refusals, state: await guide.runState(steered.id) },
  noRunStream: await refused(() => guide.watchRun("never_was", () => {})),
  health: (await guide.health()).status,
  builtin: (await guide.providers()).builtin.available,
  mode: (await guide.me()).mode,
  deltas,
  purchases: run.summary.completed_purchases,
  transcripts: [...run.transcripts.values()].map(told),
  states,
  again: told(again),
  rejoined: told(rejoined),
  live: told(live),
  liveState: await guide.call("GET", `/api/v1/negotiation/${talked.room_id}/state`),
  nothingToFollow,
  outcome,
  said,
  decided: decided.decision_made,
  stopped: (await guide.stop(stopped.room_id)).status,
  tooLate: await refused(() => guide.say(talked.room_id, "Hello?")),
  asSeller: (await guide.asAgent(rooms[0], "seller_001")).buyer_budget,
  sessions: await collected(guide.sessions()),
  logs: await collected(guide.logs()),
  saved: (await guide.savedRooms(run.session_id)).room_ids,
  log: (await guide.log(run.session_id, rooms[0])).room_id,
  status: (await guide.session(run.session_id)).status,
  removed: (await guide.remove(run.session_id)).session_id,
  gone: await refused(() => guide.session(run.session_id)),
  noStream: [
    await refused(() => guide.watchRoom("room_that_never_was", () => {})),
    await refused(() => guide.watchSession("never_was", new Map([["room", new guide.Transcript()]]))),
  ],
  session_id: run.session_id,
  rooms,
});
// To a pipe it goes in parts: who leaves before they are written cuts it.
process.stdout.write(everything, () => process.exit(0));
