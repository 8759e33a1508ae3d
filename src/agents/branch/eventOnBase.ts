import { SelfhealError } from "../../domain/errors.ts";
import type { CapturedEvent, Exception, StackFrame } from "../../domain/event.ts";
import { isCommitId } from "../../domain/ids.ts";
import type { ChangeHistory, LineChange } from "../../domain/ports/changeHistory.ts";
import type { Workspace } from "../../domain/ports/workspace.ts";
import { repositoryFile } from "../../repair/frames.ts";

/**
 * Maps the frames of an Event to the lines of the base: the Event comes from its own release, and the base may have
 * moved since. The Event is unchanged if its release is not a commit, or not a commit of the repository.
 */
export async function eventOnBase(
  history: ChangeHistory,
  workspace: Workspace,
  event: CapturedEvent,
): Promise<CapturedEvent> {
  const { release } = event;
  if (release === undefined || !isCommitId(release) || release === workspace.baseCommit) return event;
  const tracked = await workspace.files();
  const frames = [event.exception, ...event.causes].flatMap((exception) => exception.frames);
  const files = frames.map((frame) => repositoryFile(frame.file, tracked)).filter((file) => file !== null);
  const span = { from: release, to: workspace.baseCommit, paths: [...new Set(files)], sinceFork: false };
  try {
    const changes = await history.lineChanges(workspace.service, span);
    const port = (exception: Exception) => portedException(exception, tracked, changes);
    return { ...event, exception: port(event.exception), causes: event.causes.map(port) };
  } catch (error) {
    // The release is not in the repository: a commit of somebody's machine, or of another repository.
    if (SelfhealError.isInstance(error)) return event;
    throw error;
  }
}

function portedException(exception: Exception, tracked: readonly string[], changes: readonly LineChange[]): Exception {
  const frames = exception.frames.map((frame): StackFrame => {
    const file = repositoryFile(frame.file, tracked);
    if (file === null || frame.line === undefined) return frame;
    const line = lineOnBase(
      frame.line,
      changes.filter((change) => change.path === file),
    );
    return line === null ? frame : { ...frame, line };
  });
  return { ...exception, frames };
}

/**
 * Maps a line of the older text to the newer one; null: the line was changed or removed. `changes` must be in line
 * order.
 */
export function lineOnBase(line: number, changes: readonly LineChange[]): number | null {
  let moved = 0;
  for (const { start, count, newCount } of changes) {
    // git reports an insertion (count 0) as located after `start`.
    const first = count === 0 ? start + 1 : start;
    if (line < first) break;
    if (line < first + count) return null;
    moved += newCount - count;
  }
  return line + moved;
}
