import { chosenAttempt, endingOf } from "../model/log-choice.js";
import { LogModel } from "../model/log-model.js";
import { streamState } from "../model/stream-state.js";
import { logSocketUrl, logUrl } from "../net/address.js";
import { fetchLines } from "../net/line-range.js";
import { LogSocket } from "../net/log-socket.js";
import { element, setText } from "./element.js";
import { Flush } from "./flush.js";
import { LogHeader } from "./log-header.js";
import { LogPane } from "./log-pane.js";

/** Newest lines asked for when a log is opened. */
const tailLines = 1_000;

/** One container's log, live, with the status and outputs of its job. */
export class LogView {
    #route;
    #feed;
    #announcer;
    #model = new LogModel();
    #connection = { phase: "connecting", tries: 0 };
    #lastLineAt = Date.now();
    #saidState = "connecting";
    #clock = null;
    #ends = new AbortController();
    #flush = new Flush(() => this.#update());
    #header;
    #pane;
    #socket;
    #state = element("span", { class: "stream-state", "data-phase": "connecting" }, "connecting");
    #notice = element("p", { class: "notice", hidden: true });
    #follow = toggle("Follow", "f", true);
    #wrap = toggle("Wrap", "w", true);
    #first = element("button", { type: "button" }, "First line");

    constructor(route, { base, feed, announcer }) {
        this.#route = route;
        this.#feed = feed;
        this.#announcer = announcer;
        this.title = `${route.job ?? route.pod} · Podwire`;
        this.#header = new LogHeader(route, { announcer });
        this.#pane = new LogPane({
            model: this.#model,
            fetchLines: ({ from, to }, signal) => fetchLines(base, route, { from, to, signal }),
            onFollow: () => this.#flush.request(),
            onError: (error) => this.#tell(`Lines could not be loaded: ${error.message}`),
        });
        this.#socket = new LogSocket({
            address: (position) => logSocketUrl(base, route, position),
            tailLines,
            onBegin: ({ from }) => this.#model.begin(from),
            onLines: (text) => this.#receive(text),
            onPhase: (connection) => this.#connected(connection),
        });
        const raw = element("a", { class: "raw", href: logUrl(base, route), target: "_blank",
            rel: "noopener" }, "Plain text");
        this.element = element("section", { class: "log-view" }, this.#header.element,
            element("div", { class: "bar", role: "toolbar", "aria-label": "Log" },
                this.#state, ...this.#header.choice,
                element("span", { class: "controls" },
                    this.#first, this.#follow, this.#wrap, raw)),
            this.#notice, this.#header.outputs, this.#pane.element);
    }

    start() {
        const { signal } = this.#ends;
        this.#feed.addEventListener("change", () => this.#flush.request(), { signal });
        this.#follow.addEventListener("click", () => {
            this.#pane.setFollowing(!this.#model.following);
        }, { signal });
        this.#wrap.addEventListener("click", () => this.#toggleWrap(), { signal });
        this.#first.addEventListener("click", () => this.#pane.showBeginning(), { signal });
        document.addEventListener("keydown", (event) => this.#key(event), { signal });
        this.#clock = setInterval(() => this.#flush.request(), 1000);
        this.#header.start(signal);
        this.#pane.start();
        this.#socket.open();
        this.#flush.request();
        if (this.#job === undefined && this.#route.workflow !== undefined) {
            this.#feed.fetchJob(this.#route);
        }
    }

    close() {
        this.#ends.abort();
        this.#flush.cancel();
        clearInterval(this.#clock);
        this.#socket.close();
        this.#pane.close();
    }

    hurry() {
        this.#socket.hurry();
    }

    get #job() {
        const { namespace, workflow, job, run, pod, uid } = this.#route;
        return workflow === undefined
            ? this.#feed.list.findByPod({ namespace, pod, uid })
            : this.#feed.list.find({ namespace, workflow, job, run });
    }

    #receive({ from, lines }) {
        this.#lastLineAt = Date.now();
        const missing = this.#model.receive(from, lines);
        if (missing !== null) {
            this.#tell(`Lines ${missing.from} to ${missing.to - 1} are no longer kept.`);
        }
        this.#pane.request();
    }

    #connected(connection) {
        if (connection.phase === "live") this.#lastLineAt = Date.now();
        this.#connection = connection;
        this.#flush.request();
    }

    #update() {
        const now = Date.now();
        const job = this.#job;
        this.#header.show(job, now);
        const ending = job && endingOf(job, chosenAttempt(job, this.#route));
        const state = streamState({
            ...this.#connection, lastLineAt: this.#lastLineAt, now, ending,
        });
        setText(this.#state, state.text);
        this.#state.dataset.phase = this.#connection.phase === "ended" ? "ended" : state.key;
        if (state.key !== this.#saidState) this.#announcer.say(`Log ${state.key}`);
        this.#saidState = state.key;
        this.#follow.setAttribute("aria-pressed", this.#model.following);
    }

    #tell(text) {
        setText(this.#notice, text);
        this.#notice.hidden = false;
        this.#announcer.say(text);
    }

    #toggleWrap() {
        const isOn = this.#wrap.getAttribute("aria-pressed") !== "true";
        this.#wrap.setAttribute("aria-pressed", isOn);
        this.#pane.element.classList.toggle("unwrapped", !isOn);
        this.#pane.request();
    }

    #key(event) {
        const isTyping = event.target instanceof HTMLSelectElement;
        if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
        if (event.key === "f") this.#follow.click();
        if (event.key === "w") this.#wrap.click();
    }
}

function toggle(label, key, isOn) {
    return element("button", {
        type: "button", class: "toggle", "aria-pressed": String(isOn), "aria-keyshortcuts": key,
    }, label);
}
