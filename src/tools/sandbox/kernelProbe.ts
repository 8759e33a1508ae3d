/** What the self-test asks the kernel from inside of the sandbox, in the words of `doctor`. */
export const CHECKED = [
  "host files",
  "system folders",
  "network",
  "loopback",
  "root-owned knobs in /proc/sys",
  "root's user id",
  "capabilities",
  "setuid programs",
  "mount",
  "calls outside of the seccomp filter",
] as const;

/** What the probe is told. */
export interface ProbeTarget {
  /** A file of the host that must not be seen. */
  outside: string;
  /** Whether the grade promises a seccomp filter and no further user namespaces. */
  filtered: boolean;
}

/**
 * A Node script for inside of the sandbox. It opens what must not open and tries what must fail; it writes nothing. It
 * ends with 0 if everything was refused, or prints what was not.
 */
export function probeScript({ outside, filtered }: ProbeTarget): string {
  return `
    const net = require("node:net"), fs = require("node:fs"), { spawnSync } = require("node:child_process");
    const open = [];
    const no = (what, works) => { if (works) open.push(what); };
    const opens = (path) => { try { fs.closeSync(fs.openSync(path, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK)); return true; } catch { return false; } };
    const knobs = (dir) => { let found = null; let names = []; try { names = fs.readdirSync(dir, { withFileTypes: true }); } catch {}
      for (const entry of names) { const path = dir + "/" + entry.name; if (entry.isDirectory()) found ??= knobs(path); else if (opens(path)) found ??= path; } return found; };
    const runs = (command, ...args) => spawnSync(command, args, { stdio: "ignore", timeout: 5000 }).status === 0;
    const status = fs.readFileSync("/proc/self/status", "utf8");
    const field = (name) => (new RegExp("^" + name + ":\\\\s*(\\\\S+)", "m").exec(status) ?? [])[1];
    no("the host's files are visible", fs.existsSync(${JSON.stringify(outside)}) || fs.existsSync("/etc/shadow"));
    fs.writeFileSync("written", "x");
    no("/usr is writable", fs.existsSync("/usr") && (() => { try { fs.accessSync("/usr", fs.constants.W_OK); return true; } catch { return false; } })());
    const knob = knobs("/proc/sys");
    no(knob + " opens for writing", knob !== null);
    for (const path of ["/proc/sysrq-trigger", "/proc/kcore", "/dev/mem", "/dev/kmsg", "/sys/kernel/uevent_helper"]) no(path + " opens for writing", opens(path));
    no("capabilities are held", ${JSON.stringify(filtered)} && ["CapEff", "CapPrm", "CapBnd"].some((name) => /[1-9a-f]/.test(field(name) ?? "")));
    no("privileges can be gained", field("NoNewPrivs") !== "1");
    no("mount works", runs("mount", "-t", "tmpfs", "tmpfs", "/tmp"));
    ${
      filtered
        ? `no("the user is root", process.getuid() === 0);
    no("no seccomp filter", field("Seccomp") !== "2");
    no("unshare works", runs("unshare", "-U", "true"));`
        : ""
    }
    net.connect(53, "1.1.1.1").on("connect", () => { open.push("the network is reachable"); finish(); }).on("error", () => {
      const server = net.createServer((s) => s.end()).listen(0, "localhost", () =>
        net.connect(server.address().port, "localhost").on("connect", finish));
    });
    function finish() { if (open.length > 0) console.error(open.join("; ")); process.exit(open.length > 0 ? 1 : 0); }`;
}
