import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ExecaError, execa, type Result } from "execa";
import { makeRepository } from "../../examples/history.mjs";

export interface ShopHome {
  /** The shop's git repository, branch main. */
  readonly repo: string;
  readonly head: string;
  /** $SHOP_HOME of the scripts. */
  readonly home: string;
  /** A copy of the repository's tree with replacements made in it. */
  checkout(repairs: readonly { file: string; from: string; to: string }[]): Promise<string>;
  /** Runs a script as selfheal runs a service's command: nothing but PATH, HOME and what is given. */
  script(dir: string, name: string, env: Record<string, string>): Promise<Result | ExecaError>;
  /** Environment of the servers that are deployed from now on. */
  configure(env: Record<string, string>): Promise<void>;
  deploy(dir: string, commit: string): Promise<Result | ExecaError>;
  baseUrl(): Promise<string>;
  /** Stops the server and removes everything. */
  remove(): Promise<void>;
}

/** The example shop in a temporary folder, ready to be deployed. `now` dates its commits. */
export async function makeShopHome(options: { now?: number } = {}): Promise<ShopHome> {
  const root = await mkdtemp(join(tmpdir(), "shop-"));
  const [repo, home] = [join(root, "repo"), join(root, "home")];
  await mkdir(home);
  const { head } = await makeRepository(repo, options);
  let copies = 0;

  const script: ShopHome["script"] = (dir, name, env) =>
    execa(process.execPath, [join("scripts", name)], {
      cwd: dir,
      reject: false,
      extendEnv: false,
      env: { PATH: process.env.PATH ?? "", HOME: root, ...env },
    });

  return {
    repo,
    head,
    home,
    script,
    async checkout(repairs) {
      copies += 1;
      const dir = join(root, `checkout-${copies}`);
      await cp(repo, dir, { recursive: true, filter: (path) => !path.endsWith(".git") });
      for (const { file, from, to } of repairs) {
        const parts = (await readFile(join(dir, file), "utf8")).split(from);
        if (parts.length !== 2) throw new Error(`${file} holds ${JSON.stringify(from)} ${parts.length - 1} times`);
        await writeFile(join(dir, file), parts.join(to));
      }
      return dir;
    },
    configure: (env) => writeFile(join(home, "settings.json"), JSON.stringify({ env })),
    deploy: (dir, commit) =>
      script(dir, "deploy.mjs", { SHOP_HOME: home, SELFHEAL_COMMIT: commit, SELFHEAL_RELEASE_DIR: dir }),
    async baseUrl() {
      return `http://127.0.0.1:${JSON.parse(await readFile(join(home, "port.json"), "utf8"))}`;
    },
    async remove() {
      await script(repo, "stop.mjs", { SHOP_HOME: home });
      await rm(root, { recursive: true, force: true });
    },
  };
}
