import { Backoff } from "../model/backoff.js";
import { LineAssembler } from "../model/line-assembler.js";

const subprotocol = "podwire.v1";
const normalClosure = 1000;
/** Close codes of this range say that asking again would give the same answer. */
const refusals = { first: 4400, last: 4499 };

/**
 * Follows one stream over WebSocket, for as long as it goes on: a connection that is cut is opened
 * again, after a back-off, at the line after the last one received, so that no line is missing or
 * doubled. It ends when the daemon says that the stream has ended, or that it will not serve it.
 *
 * @param address from parameters (`{ from }` or `{ tailLines }`) to a URL
 * @param onBegin is called with `{ from, state }` at each connection, before its lines
 * @param onLines is called with `{ from, lines }`
 * @param onPhase is called with `{ phase, tries, refusal }`
 */
export class LogSocket {
    #address;
    #tailLines;
    #handlers;
    #platform;
    #backoff;
    #socket = null;
    #timer = null;
    #assembler = null;
    #isOver = false;

    constructor({ address, tailLines, onBegin, onLines, onPhase,
        platform = globalThis, backoff = new Backoff() }) {
        this.#address = address;
        this.#tailLines = tailLines;
        this.#handlers = { onBegin, onLines, onPhase };
        this.#platform = platform;
        this.#backoff = backoff;
    }

    /** Connects. To be called once. */
    open() {
        this.#connect();
    }

    /** Tries again now instead of when the back-off is over. */
    hurry() {
        if (this.#timer === null) return;
        this.#platform.clearTimeout(this.#timer);
        this.#connect();
    }

    /** Ends it for good; nothing is called afterwards. Idempotent. */
    close() {
        this.#isOver = true;
        this.#platform.clearTimeout(this.#timer);
        this.#timer = null;
        this.#socket?.close(normalClosure);
        this.#socket = null;
    }

    #connect() {
        this.#timer = null;
        const position = this.#assembler === null
            ? { tailLines: this.#tailLines } : { from: this.#assembler.next };
        const socket = new this.#platform.WebSocket(this.#address(position), subprotocol);
        this.#socket = socket;
        let hasBegun = false;
        this.#tell("connecting");
        socket.onmessage = ({ data }) => {
            if (this.#socket !== socket) return;
            if (hasBegun) {
                this.#handlers.onLines(this.#assembler.push(data));
            } else {
                hasBegun = true;
                this.#begin(JSON.parse(data));
            }
        };
        socket.onclose = ({ code, reason }) => {
            if (this.#socket === socket) this.#closed(code, reason);
        };
    }

    #begin(opening) {
        this.#assembler = new LineAssembler(opening.from);
        this.#backoff.reset();
        this.#handlers.onBegin(opening);
        this.#tell("live");
    }

    #closed(code, reason) {
        this.#socket = null;
        if (this.#isOver) return;
        if (code === normalClosure) {
            this.#tell("ended");
        } else if (code >= refusals.first && code <= refusals.last) {
            this.#tell("refused", reason || (code === 4404 ? "not found" : `refused (${code})`));
        } else {
            const wait = this.#backoff.next();
            this.#tell("waiting");
            this.#timer = this.#platform.setTimeout(() => this.#connect(), wait);
        }
    }

    #tell(phase, refusal) {
        this.#handlers.onPhase({ phase, tries: this.#backoff.tries, refusal });
    }
}
