import { createRequire } from "node:module";

const nodemailer = createRequire(import.meta.url)("./lib/nodemailer.js");
const lines = [];
const logger = {
  level() {},
  info: (...a) => lines.push(a),
  warn: (...a) => lines.push(a),
  error: (...a) => lines.push(a),
};
const transport = nodemailer.createTransport({ jsonTransport: true, logger });
await new Promise((resolve, reject) =>
  transport.sendMail({ from: "a@example.com", to: "b@example.com", text: "hi" }, (error) =>
    error ? reject(error) : resolve(),
  ),
);
