import { statusLook } from "../model/status.js";
import { h } from "./element.js";

export function statusIcon({ shape }) {
  return h("svg.status-icon", { width: 16, height: 16, "aria-hidden": "true" },
    h("path", { d: shape }));
}

export function statusBadge(item, attributes, words) {
  const look = statusLook(item);
  return h("span.status", { "data-tone": look.tone, ...attributes }, statusIcon(look),
    words ?? look.label);
}
