// The service, spoken to by fetch: no cookie goes along, and the key goes nowhere but to the service.

import { capital } from "./words.js";

const PATIENCE = 60_000;

/** What went wrong, in words for the reader. `retryAfter` is in seconds. */
export class ServiceError extends Error {
  constructor(message, { status = 0, retryAfter = 0 } = {}) {
    super(message);
    this.name = "ServiceError";
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

function inWords(status, told, seconds) {
  const more = told ? ` ${capital(told).replace(/[.\s]*$/, ".")}` : "";
  if (status === 401) return `The service asks for a key, and this one is missing or not valid.${more}`;
  if (status === 403) return `The key does not allow this.${more}`;
  if (status === 404) return told ? more.trim() : "There is no such thing here.";
  if (status === 413) return `The question is too long.${more}`;
  if (status === 429) return `Too many questions at once. You can ask again in ${seconds} s.`;
  if (status === 503) return `The service is not ready.${more} Ask again in a moment.`;
  if (status >= 500) return `The service failed to answer (${status}). Ask again in a moment.`;
  return told ? more.trim() : `The service refused this (${status}).`;
}

export class Service {
  /** `askKey` is called where the service wants a key; it resolves to one, or to null. */
  constructor(base, { key = "", askKey = null } = {}) {
    this.base = new URL(base);
    this.key = key;
    this.askKey = askKey;
    this.asking = null;
  }

  /** A path of the service as an address; what lies at another host is refused. */
  address(path, parameters = {}) {
    const address = new URL(path, this.base);
    if (address.origin !== this.base.origin) throw new ServiceError("This leads to another host and is not opened.");
    for (const [name, value] of Object.entries(parameters)) {
      if (value !== null && value !== undefined && value !== "") address.searchParams.set(name, value);
    }
    return address;
  }

  async send(path, { parameters, body, signal } = {}) {
    const address = this.address(path, parameters);
    for (;;) {
      const used = this.key;
      const response = await this.once(address, body, signal);
      if (response.ok) return response;
      if (response.status !== 401 || this.askKey === null) throw await refusal(response);
      // Several requests may be refused at once: one question for the key serves them all.
      if (this.key === used) {
        this.asking ??= this.askKey(used !== "").finally(() => (this.asking = null));
        const key = await this.asking;
        if (key === null) throw await refusal(response);
        this.key = key;
      }
    }
  }

  async once(address, body, signal) {
    const headers = {};
    if (this.key) headers.Authorization = `Bearer ${this.key}`;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const limit = AbortSignal.timeout(PATIENCE);
    try {
      return await fetch(address, {
        method: body === undefined ? "GET" : "POST",
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        credentials: "omit",
        referrerPolicy: "no-referrer",
        signal: signal ? AbortSignal.any([signal, limit]) : limit,
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      if (limit.aborted) throw new ServiceError("The service took too long to answer. Ask again in a moment.");
      throw new ServiceError("The service cannot be reached. Check the connection and try again.");
    }
  }

  async json(path, options) {
    const response = await this.send(path, options);
    try {
      return await response.json();
    } catch (error) {
      if (options?.signal?.aborted) throw error;
      throw new ServiceError("The service sent an answer that cannot be read. Ask again in a moment.");
    }
  }

  async blob(path, options) {
    return (await this.send(path, options)).blob();
  }
}

async function refusal(response) {
  let told = "";
  try {
    const message = (await response.json())?.error?.message;
    told = typeof message === "string" ? message : "";
  } catch {
    told = "";
  }
  const retryAfter = Math.max(1, Math.ceil(Number(response.headers.get("Retry-After")) || 1));
  return new ServiceError(inWords(response.status, told, retryAfter), { status: response.status, retryAfter });
}
