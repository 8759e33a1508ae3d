/** What the caller did wrong, as a status and a message that may be shown to them. */
export class HttpError extends Error {
  constructor(status, message) {
    super(message);
    this.name = "HttpError";
    this.status = status;
  }
}

export const badRequest = (message) => new HttpError(400, message);
export const notFound = (what) => new HttpError(404, `no such ${what}`);
