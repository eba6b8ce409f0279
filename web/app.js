import { parseRoute } from "./model/route.js";
import { JobFeed } from "./net/job-feed.js";
import { Announcer } from "./view/announcer.js";
import { FeedBadge } from "./view/feed-badge.js";
import { JobsView } from "./view/jobs-view.js";
import { LogView } from "./view/log-view.js";
import { UnknownView } from "./view/unknown-view.js";

// Wires the page: one job feed for all views, one view for each address.

const base = new URL(".", document.baseURI);
const main = document.getElementById("view");
const feed = new JobFeed(base);
const announcer = new Announcer(document.getElementById("announcer"));
const badge = new FeedBadge(document.getElementById("feed-state"), feed, announcer);
let view = null;

function open(route) {
    switch (route.name) {
    case "jobs": return new JobsView(route, { feed, announcer });
    case "log": return new LogView(route, { base, feed, announcer });
    default: return new UnknownView(route);
    }
}

function navigate() {
    const route = parseRoute(location.hash);
    if (view?.accept?.(route)) return;
    const isFirst = view === null;
    view?.close();
    view = open(route);
    main.replaceChildren(view.element);
    document.title = view.title;
    if (!isFirst) main.focus({ preventScroll: true });
    view.start();
}

function hurry() {
    if (document.hidden) return;
    feed.resume();
    feed.hurry();
    view?.hurry?.();
}

window.addEventListener("hashchange", navigate);
window.addEventListener("online", hurry);
document.addEventListener("visibilitychange", () => {
    if (document.hidden) feed.pause();
    else hurry();
});

badge.start();
navigate();
feed.resume();
