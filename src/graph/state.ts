import { StateSchema } from "@langchain/langgraph";
import { RunState } from "../domain/runState.ts";

/** LangGraph's view of RunState: one last-value channel per field, validated on every update. */
export const State = new StateSchema(RunState.shape);
