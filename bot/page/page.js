// The page of the bot. What is sent and received is described in bot/session/messages.py.

const STATES = {
  away: "Not connected",
  joining: "Connecting …",
  quiet: "Listening to you",
  listening: "You are speaking",
  thinking: "Thinking …",
  speaking: "Speaking",
  failed: "The connection was lost",
};
const NAMES = { user: "You", bot: "Bot", failure: "That did not work" };
const NEWS = {
  "note.created": "Note written",
  "note.updated": "Note changed",
  "note.loaded": "Note opened",
  "note.deleted": "Note deleted",
  "applet.deleted": "Applet deleted",
  "profile.updated": "The bot remembers something about you",
};
const PING_EVERY = 1000; // milliseconds; the bot takes a page for gone after three seconds
const GATHERING = 3000; // milliseconds that the browser may look for its own addresses

const $ = (id) => document.getElementById(id);
const applets = new Map();
let shown = null;
let version = 0;
let call = null;

// ------------------------------------------------------------------------------------------ what is shown

function show(state) {
  $("state").dataset.state = state;
  $("state").textContent = STATES[state];
  const joined = !["away", "joining", "failed"].includes(state);
  $("join").textContent = call ? "Leave" : "Join";
  $("join").classList.toggle("main", !call);
  $("mute").hidden = !call?.microphone;
  // What is disabled would lose the focus to nothing.
  if (!joined && $("form").contains(document.activeElement)) $("join").focus();
  $("text").disabled = $("send").disabled = !joined;
  $("text").placeholder = joined ? "Write to the bot" : "Join to write";
}

function say(kind, text) {
  const last = $("log").lastElementChild;
  if (kind === "bot" && last?.className === "bot") {
    last.textContent += ` ${text}`; // the sentences of one answer
  } else {
    const item = document.createElement("li");
    item.className = kind;
    if (NAMES[kind]) item.dataset.name = NAMES[kind];
    item.textContent = text;
    $("log").append(item);
  }
  $("log-empty").hidden = true;
  $("log").scrollTop = $("log").scrollHeight;
}

function list() {
  const focused = document.activeElement?.dataset?.applet;
  $("list").replaceChildren(
    ...[...applets].map(([id, title]) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.applet = id;
      button.textContent = title;
      button.setAttribute("aria-current", String(id === shown));
      button.addEventListener("click", () => open(id));
      item.append(button);
      return item;
    }),
  );
  $("list-empty").hidden = applets.size > 0;
  if (focused) document.querySelector(`[data-applet="${CSS.escape(focused)}"]`)?.focus();
}

function open(id) {
  shown = applets.has(id) ? id : null;
  $("applet-title").textContent = shown ? applets.get(shown) : "No applet is open";
  $("frame").hidden = !shown;
  $("stage-empty").hidden = Boolean(shown);
  if (shown) {
    // Another address each time, or the frame would keep what it has.
    $("frame").src = `/applets/${encodeURIComponent(shown)}?version=${++version}`;
    $("frame").title = `Applet: ${applets.get(shown)}`;
  } else {
    $("frame").removeAttribute("src");
  }
  list();
}

// ------------------------------------------------------------------------------------ what the bot sends

function received(message) {
  if (message.type === "said") say(message.speaker, message.text);
  else if (message.type === "failure") say("failure", message.text);
  else if (message.type === "state") show(message.state);
  else if (message.type === "event") happened(message.name, message.payload);
  else if (message.type === "signalling" && message.message?.type === "peerLeft") leave("away");
}

function happened(name, payload) {
  if (NEWS[name]) say("note", payload.title ? `${NEWS[name]}: ${payload.title}` : NEWS[name]);
  if (name === "applet.deleted") {
    applets.delete(payload.applet_id);
    open(shown === payload.applet_id ? null : shown);
  } else if (name.startsWith("applet.")) {
    applets.set(payload.applet_id, payload.title);
    open(payload.applet_id);
  }
}

async function load() {
  const response = await fetch("/api/applets").catch(() => null);
  const answer = response && (await response.json().catch(() => null));
  if (!response?.ok) return say("failure", answer?.error ?? "The bot cannot be reached.");
  for (const { applet_id, title } of answer.applets) applets.set(applet_id, title);
  list();
}

// ---------------------------------------------------------------------------------------- the connection

async function join() {
  const peer = new RTCPeerConnection();
  const mine = { peer, microphone: null, channel: peer.createDataChannel("page"), ping: 0 };
  call = mine;
  show("joining");
  mine.microphone = await microphone();
  if (call !== mine) return end(mine); // left while the browser asked for the microphone
  const track = mine.microphone?.getAudioTracks()[0];
  peer.addTransceiver(track ?? "audio", { direction: "sendrecv" });
  peer.addEventListener("track", ({ track: sound }) => {
    $("audio").srcObject = new MediaStream([sound]);
  });
  // "disconnected" is a gap in the network that may still end; the browser calls it "failed" where it does not.
  peer.addEventListener("connectionstatechange", () => {
    if (["failed", "closed"].includes(peer.connectionState) && call === mine) leave("failed");
  });
  mine.channel.addEventListener("open", () => {
    mine.ping = setInterval(() => mine.channel.send("ping"), PING_EVERY);
    mine.channel.send("ping");
    show("quiet");
    $("text").focus();
  });
  mine.channel.addEventListener("close", () => call === mine && leave("failed"));
  mine.channel.addEventListener("message", ({ data }) => received(JSON.parse(data)));
  try {
    await connect(peer);
  } catch (error) {
    if (call !== mine) return;
    leave("failed");
    say("failure", `I could not connect: ${error.message}`);
  }
}

async function microphone() {
  try {
    const audio = { echoCancellation: true, noiseSuppression: true };
    return await navigator.mediaDevices.getUserMedia({ audio });
  } catch {
    say("failure", "There is no microphone I may use. You can type instead.");
    return null;
  }
}

async function connect(peer) {
  await peer.setLocalDescription(await peer.createOffer());
  await gathered(peer);
  const response = await fetch("/api/offer", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ sdp: peer.localDescription.sdp, type: "offer" }),
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error ?? `status ${response.status}`);
  await peer.setRemoteDescription(answer);
}

function gathered(peer) {
  return new Promise((resolve) => {
    const check = () => peer.iceGatheringState === "complete" && resolve();
    peer.addEventListener("icegatheringstatechange", check);
    setTimeout(resolve, GATHERING);
    check();
  });
}

function leave(state) {
  const left = call;
  call = null;
  if (left) end(left);
  $("mute").setAttribute("aria-pressed", "false");
  $("mute").textContent = "Mute";
  show(state);
}

function end({ peer, microphone: heard, ping }) {
  clearInterval(ping);
  heard?.getTracks().forEach((track) => track.stop());
  peer.close();
}

// ------------------------------------------------------------------------------------- what the user does

function mute() {
  const track = call?.microphone?.getAudioTracks()[0];
  if (!track) return;
  track.enabled = !track.enabled;
  $("mute").setAttribute("aria-pressed", String(!track.enabled));
  $("mute").textContent = track.enabled ? "Mute" : "Muted";
}

function choose(step) {
  const buttons = [...$("list").querySelectorAll("button")];
  const index = buttons.indexOf(document.activeElement);
  buttons.at(index === -1 ? 0 : (index + step) % buttons.length)?.focus();
}

$("join").addEventListener("click", () => (call ? leave("away") : join()));
$("mute").addEventListener("click", mute);
$("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  if (!text || call?.channel.readyState !== "open") return;
  call.channel.send(JSON.stringify({ type: "typed", text }));
  $("text").value = "";
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target.matches("input")) {
    if (event.key === "Escape") $("main").focus(); // where the other keys work
    return;
  }
  const scrolls = event.target === $("log"); // with the arrows
  if (event.key === "/") $("text").focus();
  else if (event.key.toLowerCase() === "m") mute();
  else if (event.key === "ArrowDown" && applets.size && !scrolls) choose(1);
  else if (event.key === "ArrowUp" && applets.size && !scrolls) choose(-1);
  else return;
  event.preventDefault();
});
addEventListener("pagehide", () => call && leave("away"));

show("away");
load();
