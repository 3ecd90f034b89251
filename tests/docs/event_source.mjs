// EventSource as browsers have it, for a Node that has none: named events, reconnection with the last id, 204 as the end.
export class EventSource extends EventTarget {
  static CONNECTING = 0;
  static OPEN = 1;
  static CLOSED = 2;
  readyState = EventSource.CONNECTING;
  #url;
  #lastId = "";
  #retry = 1000;
  #leaving = new AbortController();

  constructor(url) {
    super();
    this.#url = url;
    this.#connect();
  }

  close() {
    this.readyState = EventSource.CLOSED;
    this.#leaving.abort();
  }

  async #connect() {
    while (this.readyState !== EventSource.CLOSED) {
      try {
        const headers = this.#lastId ? { "Last-Event-ID": this.#lastId } : {};
        const response = await fetch(this.#url, { headers, signal: this.#leaving.signal });
        if (response.status !== 200) this.readyState = EventSource.CLOSED;
        else await this.#read(response);
      } catch (fault) {
        if (this.readyState === EventSource.CLOSED) return;
      }
      this.dispatchEvent(new Event("error"));
      await new Promise((wake) => setTimeout(wake, this.#retry));
    }
  }

  async #read(response) {
    this.readyState = EventSource.OPEN;
    let text = "";
    for await (const part of response.body.pipeThrough(new TextDecoderStream())) {
      const blocks = (text + part).split("\n\n");
      text = blocks.pop();
      for (const block of blocks) {
        if (this.readyState === EventSource.CLOSED) return;
        this.#dispatch(block);
      }
    }
    this.readyState = EventSource.CONNECTING;
  }

  #dispatch(block) {
    const fields = {};
    for (const line of block.split("\n")) {
      const [, name, value] = /^(\w*): ?(.*)$/.exec(line) ?? [];
      if (name) fields[name] = value;
    }
    if (fields.id !== undefined) this.#lastId = fields.id;
    if (fields.retry !== undefined) this.#retry = Number(fields.retry);
    if (fields.data === undefined) return;
    const data = { data: fields.data, lastEventId: this.#lastId };
    this.dispatchEvent(Object.assign(new Event(fields.event ?? "message"), data));
  }
}
