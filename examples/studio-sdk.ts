/**
 * What LangGraph Studio does, through its SDK: lists threads, reads the state and the open question of one, answers it,
 * waits for what becomes of it. Works against `selfheal serve` and against `langgraphjs dev`:
 *
 *   SELFHEAL_URL=http://127.0.0.1:4700 SELFHEAL_TOKEN=sh_… npx tsx examples/studio-sdk.ts [thread id] [approve | reject]
 */
import { Client } from "@langchain/langgraph-sdk";

/** The payload of an open question: LangChain's human-in-the-loop form. */
interface Question {
  actionRequests: { name: string; description: string; args: { patchDigest: string; files: string[]; grade: string } }[];
  reviewConfigs: { allowedDecisions: string[] }[];
}

const { SELFHEAL_URL = "http://127.0.0.1:4700", SELFHEAL_TOKEN } = process.env;
const [wanted, answer = "approve"] = process.argv.slice(2);
const client = new Client({ apiUrl: SELFHEAL_URL, apiKey: SELFHEAL_TOKEN ?? null });

const threads = await client.threads.search({ limit: 20 });
for (const { thread_id, status } of threads) console.log(`thread ${thread_id}: ${status}`);
const id = wanted ?? threads.find(({ status }) => status === "interrupted")?.thread_id;
if (id === undefined) throw new Error("no thread waits for a person");

const state = await client.threads.getState<{ ticketId: string; grade: string; verdict: string }>(id);
console.log(`next: ${state.next.join(", ")}; grade ${state.values.grade}, the gate says ${state.values.verdict}`);
const open = state.tasks.flatMap((task) => task.interrupts)[0];
if (open?.id === undefined) throw new Error(`thread ${id} asks nothing`);
const question = open.value as Question;
const [action] = question.actionRequests;
console.log(`question: ${action?.name}: ${action?.description}`);
console.log(`may be answered: ${question.reviewConfigs[0]?.allowedDecisions.join(", ")}; files ${action?.args.files.join(", ")}`);

// By the question's id and the patch's digest: an answer that comes late reaches no other question and no other patch.
const decision = { type: answer, by: "sdk", patchDigest: action?.args.patchDigest };
const resume = { [open.id]: { decisions: [decision] } };
await client.runs.wait(id, "selfheal", { command: { resume }, multitaskStrategy: "enqueue" });

const after = await client.threads.getState<{ decision: string; outcome: string }>(id);
console.log(`answered: ${after.values.decision}; the ticket is ${after.values.outcome}`);
if (after.values.decision !== answer) throw new Error(`the answer did not count: ${after.values.decision}`);

// Once more, too late: it reaches nothing, whatever it says.
const late = await client.runs
  .wait(id, "selfheal", { command: { resume: { decisions: [{ type: "approve" }] } }, multitaskStrategy: "enqueue" })
  .then(() => "it changed nothing", (error: { status?: number }) => `refused with ${error.status}`);
console.log(`a second answer: ${late}`);
const end = await client.threads.getState<{ decision: string }>(id);
if (end.values.decision !== answer) throw new Error("a second answer changed what was decided");
