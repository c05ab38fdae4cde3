// The page for a frame: the chat alone. It sends no messages to the page around it and listens to none.

import { Service } from "./api.js";
import { Chat } from "./chat.js";

const parameters = new URLSearchParams(location.search);
const service = new Service(location.origin, { key: parameters.get("key") ?? "" });
const heading = parameters.get("heading") || "Ask the documents";
document.title = heading;
const chat = new Chat(document.getElementById("chat"), service, { heading, links: false });
chat.offer();
