import { Retry } from "./model/retry.js";
import { parseRoute } from "./model/route.js";
import { Daemon } from "./net/daemon.js";
import { JobFeed } from "./net/job-feed.js";
import { button, draw, h } from "./view/element.js";
import { jobsView } from "./view/jobs-view.js";
import { logView } from "./view/log-view.js";
import { loginView } from "./view/login-view.js";
import { waitingView } from "./view/waiting-view.js";
import { workflowView } from "./view/workflow-view.js";
import { workflowsView } from "./view/workflows-view.js";

// A view has `title` and `draw(now)`, and perhaps `keys` with their meanings and actions, what is
// `scrolled` by other keys, and `accept(route)`, true if it took that.
const views = {
  jobs: jobsView, workflows: workflowsView, workflow: workflowView, job: waitingView,
  log: logView,
  unknown: ({ address }) => ({
    title: "Not found",
    draw: () => h("section.empty", h("h1", "There is no such page"), h("p", address)),
  }),
};
const [main, announcer, user, badge, help] = ["view", "announcer", "user", "feed-state", "keys"]
  .map((id) => document.getElementById(id));
const daemon = new Daemon(new URL(".", document.baseURI));
const feed = new JobFeed(daemon);
let view;
let keys = [];
let ends = new AbortController();
let frame;

const say = (text) => draw(announcer, text);

function drawAll() {
  frame = undefined;
  badge.dataset.phase = feed.phase;
  draw(badge, feed.phase === "unreachable" ? "daemon unreachable" : feed.phase);
  draw(main, view.draw(Date.now()));
}

function refresh() {
  frame ??= requestAnimationFrame(drawAll);
}

function show(makeView, route) {
  const isFirst = view === undefined;
  ends.abort();
  ends = new AbortController();
  draw(main);
  view = makeView(route, { daemon, feed, say, signal: ends.signal, refresh });
  keys = [...view.keys ?? [], ["?", "these keys", () => help.showPopover()]];
  draw(help, h("h2", "Keys"), h("dl", ...keys.map(([names, text]) =>
    h("div", h("dt", ...names.split(" ").map((name) => h("kbd", name))), h("dd", text)))));
  document.title = `${view.title} · Podwire`;
  drawAll();
  if (!isFirst) main.focus({ preventScroll: true });
  main.querySelector("[autofocus]")?.focus();
}

function navigate({ isAnew }) {
  const route = parseRoute(location.hash);
  for (const link of document.querySelectorAll("nav a")) {
    link.ariaCurrent = link.dataset.page === route.name ? "page" : null;
  }
  if (isAnew || !view.accept?.(route)) show(views[route.name], route);
}

async function enter() {
  feed.start({ isAnew: true });
  navigate({ isAnew: true });
  const who = await daemon.whoami().catch(() => undefined);
  draw(user, who?.authentication !== "none" && who?.user,
    daemon.hasToken && button("Sign out", () => signIn()));
}

function signIn(problem) {
  if (view.isLogin) return;
  feed.stop();
  feed.list.forgetBefore(Infinity);
  daemon.useToken(null);
  draw(user);
  show(loginView, { problem, enter });
}

function wake() {
  if (document.hidden) {
    // Browsers allow few connections to one host.
    feed.stop();
  } else if (!view.isLogin) {
    feed.start();
    Retry.hurry();
  }
}

daemon.addEventListener("unauthorized", () =>
  signIn(daemon.hasToken && "The token is not accepted any more."));
feed.addEventListener("change", refresh);
feed.addEventListener("problem", ({ detail }) =>
  say(`Jobs could not be loaded: ${detail.message}`));
window.addEventListener("hashchange", navigate);
window.addEventListener("online", wake);
document.addEventListener("visibilitychange", wake);
document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || help.matches(":popover-open")) return;
  if (target.matches("input, select") && key !== "Escape") return;
  const [, , action] = keys.find(([names]) => names.split(" ").includes(key)) ?? [];
  if (action) {
    event.preventDefault();
    action();
  }
  // The browser scrolls what has the focus.
  if (/^(Arrow|Page)(Up|Down)$/.test(key)) view.scrolled?.focus();
});
setInterval(refresh, 1000);
enter();
