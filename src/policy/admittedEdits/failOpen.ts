import type { SgNode } from "@ast-grep/napi";
import { same } from "../../syntax/scriptNodes.ts";
import { decidingWord, moneyWord, namesRequester, sensitiveWord } from "./decisionWords.ts";
import type { AdmittedEdit, Dialect, EditEffect, Use } from "./dialect.ts";

/** Why an edit may open what the exception kept shut. */
export interface FailOpen {
  rule: "failOpen" | "effectSkipped" | "valueLost";
  /** One sentence for people. */
  message: string;
}

/** Where values are followed: the changed file after the edit, and other files of the repository that may call it. */
export interface FlowContext {
  dialect: Dialect;
  path: string;
  roots: readonly SgNode[];
}

/** How many calls a value is followed through, and how many reads and callers in all. More is not followed: a person. */
const MAX_DEPTH = 4;
const MAX_STEPS = 400;

/**
 * Looks for what the exception used to prevent: a new missing value, default or early return that reaches a decision
 * (a condition, comparison or filter; a function that decides by its name, by what it does, or by what its callers do
 * with it), or that leaves out an action. null: the value was followed to its end and decides nothing.
 */
export function failOpen(edit: AdmittedEdit, context: FlowContext): FailOpen | null {
  const { effect } = edit;
  if (effect.kind === "none") return null;
  if (effect.kind === "name") return effect.called ? calledNow(effect.node, context) : null;
  if (effect.kind === "result")
    return decidingPlace(effect.node, context) ?? new Flow(context, true).follow(effect.node, 0);
  const at = effect.kind === "value" ? effect.node : effect.statement;
  return (
    decidingPlace(at, context) ??
    sensitiveSubject(effect, context) ??
    freeOfCharge(effect, context) ??
    skippedEffect(effect, context) ??
    onlyForItsException(effect, context) ??
    new Flow(context).followSkipped(skippedNodes(effect, context)) ??
    (effect.kind === "value"
      ? new Flow(context).follow(effect.node, 0)
      : new Flow(context).followReturn(effect.statement, effect.value, 0))
  );
}

/** A call that never worked now gives its value. */
function calledNow(name: SgNode, context: FlowContext): FailOpen | null {
  const call = name.ancestors().find((a) => /^call/.test(String(a.kind())));
  if (call === undefined) return lost("a call");
  return context.dialect.isPure(call) ? null : (decidingPlace(call, context) ?? new Flow(context).follow(call, 0));
}

/** What is not evaluated any more where the value is missing. */
function skippedNodes(effect: EditEffect, { dialect }: FlowContext): readonly SgNode[] {
  if (effect.kind === "leave") return effect.leftOut;
  return effect.kind === "value" && effect.subjects.length > 0 ? [chainAbove(effect.node, dialect)] : [];
}

/** A statement that reads values and does nothing with them: its only effect was the exception. */
function onlyForItsException(effect: EditEffect, { dialect }: FlowContext): FailOpen | null {
  if (effect.kind !== "value") return null;
  const whole = chainAbove(effect.node, dialect);
  const parent = whole.parent();
  const isUsed = parent === null || dialect.use(whole, parent).kind !== "discarded";
  if (isUsed || /\(/.test(whole.text())) return null;
  return open(`\`${short(whole.text())}\` was only there for its exception`);
}

/** A place that decides by the name of its functions, class or file, or by what it does. */
function decidingPlace(node: SgNode, { dialect, path }: FlowContext): FailOpen | null {
  const pathWord = path
    .split("/")
    .map((part) => decidingWord(part.replace(/\.\w+$/, "")))
    .find((word) => word !== null);
  if (pathWord != null) return open(`${path} is about "${pathWord}"`);
  for (const fn of dialect.functionsAround(node)) {
    for (const name of dialect.namesOf(fn)) {
      const word = decidingWord(name);
      if (word !== null) return open(`${name} decides ("${word}")`);
    }
    const why = dialect.decidesByBody(fn);
    if (why !== null) return open(`the function around it decides: ${why}`);
  }
  const caught = dialect.caughtAround(node);
  return caught === null ? null : open(caught);
}

/** The missing value is itself what tells who asks and what they may. */
function sensitiveSubject(effect: EditEffect, { dialect }: FlowContext): FailOpen | null {
  if (effect.kind !== "value" && effect.kind !== "leave") return null;
  for (const subject of effect.subjects) {
    const text = subject.text();
    if (namesRequester(text)) return open(`\`${short(text)}\` tells who asks; without it nobody is signed in`);
  }
  const nodes = effect.kind === "value" ? [effect.node, ...effect.subjects] : effect.subjects;
  for (const name of nodes.flatMap((node) => dialect.wordsIn(node))) {
    const word = sensitiveWord(name);
    if (word !== null) return open(`\`${short(nodes[0]?.text() ?? "")}\` is about "${word}"`);
  }
  return null;
}

/** Zero by default for what is charged or counted. */
function freeOfCharge(effect: EditEffect, { dialect }: FlowContext): FailOpen | null {
  const node = effect.kind === "value" ? effect.node : effect.kind === "leave" ? effect.value : null;
  if (node === null || !/(?<![\w.])0(?:\.0)?(?![\w.])/.test(node.text())) return null;
  const around = dialect.functionsAround(node).flatMap((fn) => dialect.namesOf(fn));
  const subjects = effect.kind === "leave" ? effect.subjects.flatMap((subject) => dialect.wordsIn(subject)) : [];
  const word = [...dialect.wordsIn(node), ...subjects, ...around].map(moneyWord).find((found) => found !== null);
  return word == null ? null : open(`zero is now taken for "${word}"`);
}

function skippedEffect(effect: EditEffect, { dialect }: FlowContext): FailOpen | null {
  if (effect.kind === "leave") {
    const action = effect.leftOut.flatMap((one) => dialect.effectsIn(one))[0];
    return action === undefined ? null : skipped(action);
  }
  if (effect.kind !== "value" || effect.subjects.length === 0) return null;
  const guarded = chainAbove(effect.node, dialect);
  const own = (one: SgNode) => same(one, effect.node) && effect.subjects.some((s) => same(s, one.field("function")));
  const action = dialect
    .effectsIn(guarded)
    .find((one) => !own(one) && !effect.subjects.some((subject) => contains(subject, one)));
  return action === undefined ? null : skipped(action);
}

function skipped(action: SgNode): FailOpen {
  return {
    rule: "effectSkipped",
    message: `where it crashed before, \`${short(action.text())}\` is now left out and the program goes on`,
  };
}

const CHAIN = /^(?:member_expression|subscript_expression|call_expression|call|attribute|subscript|dot|access_call)$/;

/** The whole chain of accesses and calls above a node: what an optional access leaves out. */
function chainAbove(node: SgNode, dialect: Dialect): SgNode {
  let top = node;
  for (;;) {
    const parent = top.parent();
    if (parent === null || !readsFrom(parent, top, dialect)) return top;
    top = parent;
  }
}

/** Whether a node reads from its first child or calls it. */
function readsFrom(node: SgNode, child: SgNode, dialect: Dialect): boolean {
  if (!CHAIN.test(String(node.kind()))) return false;
  const first = node.children().find((one) => !dialect.isComment(one));
  return first !== undefined && same(first, child);
}

function contains(outer: SgNode, node: SgNode): boolean {
  return same(outer, node) || node.ancestors().some((a) => same(a, outer));
}

/** Follows a value through a file, step by step. */
class Flow {
  private steps = 0;
  private readonly seen = new Set<string>();

  private readonly context: FlowContext;
  /** Whether a read from the value ends its way: before the edit there was an exception. */
  private readonly endsAtRead: boolean;

  constructor(context: FlowContext, endsAtRead = false) {
    this.context = context;
    this.endsAtRead = endsAtRead;
  }

  /** Follows the value of a node upwards. `yesNo`: it has become a yes or no. */
  follow(start: SgNode, depth: number, yesNoBefore = false): FailOpen | null {
    let node = start;
    let yesNo = yesNoBefore;
    for (;;) {
      const key = `${node.ancestors().at(-1)?.id() ?? node.id()} ${node.id()} ${yesNo}`;
      if (this.seen.has(key)) return null;
      this.seen.add(key);
      this.steps += 1;
      if (this.steps > MAX_STEPS) return lost("it is used in too many places");
      const parent = node.parent();
      if (parent === null) return null;
      if (this.endsAtRead && readsFrom(parent, node, this.context.dialect)) return null;
      const named = this.sensitiveStep(node, parent);
      if (named !== null) return named;
      const leftOut = this.skippedRound(node, parent);
      if (leftOut !== null) return leftOut;
      const use = this.context.dialect.use(node, parent);
      if (use.kind === "up") {
        yesNo ||= use.yesNo === true;
        node = parent;
        continue;
      }
      return this.end(use, node, depth, yesNo);
    }
  }

  private end(use: Exclude<Use, { kind: "up" }>, node: SgNode, depth: number, yesNo: boolean): FailOpen | null {
    switch (use.kind) {
      case "ends":
        return null;
      case "discarded":
        return null;
      case "decides":
        return open(`the missing value now decides: ${use.why}`);
      case "lost":
        return lost(use.why);
      case "named":
        return first(use.reads, (read) => this.follow(read, depth, yesNo || use.yesNo === true));
      case "passed":
        return this.followArgument(use, depth, yesNo);
      case "returned":
        return this.followReturn(node, node, depth, yesNo);
    }
  }

  /** Local variables that are not written any more keep what they had: that is followed like the missing value. */
  followSkipped(nodes: readonly SgNode[]): FailOpen | null {
    const { reads, yesNo } = this.context.dialect.writtenIn(nodes);
    return first(reads, (read) => this.follow(read, 0, yesNo));
  }

  /** An action for each element of a list that is now missing or empty. */
  private skippedRound(node: SgNode, parent: SgNode): FailOpen | null {
    const { dialect, roots } = this.context;
    return first(dialect.roundsOver(node, parent), (round) => {
      let body: SgNode | undefined;
      if ("body" in round) body = round.body;
      else {
        const [only, more] = roots.flatMap((root) => dialect.definitionsOf(root, round.calls));
        if (only === undefined || more !== undefined) return lost(`${round.calls} is called for each element`);
        body = only;
      }
      const [action] = dialect.effectsIn(body);
      return action === undefined ? this.followSkipped([body]) : skipped(action);
    });
  }

  /** A name on the way that tells who somebody is or what they may. */
  private sensitiveStep(node: SgNode, parent: SgNode): FailOpen | null {
    const { dialect } = this.context;
    for (const name of stepNames(node, parent, dialect)) {
      const word = sensitiveWord(name);
      if (word !== null) return open(`\`${short(parent.text())}\` is about "${word}"`);
    }
    return null;
  }

  private followArgument(use: Extract<Use, { kind: "passed" }>, depth: number, yesNo: boolean): FailOpen | null {
    const { dialect, roots } = this.context;
    const word = decidingWord(use.callee) ?? sensitiveWord(use.callee);
    if (word !== null) return open(`it is given to ${use.callee}, which decides ("${word}")`);
    if (depth >= MAX_DEPTH) return lost(`it is given on through ${MAX_DEPTH} functions`);
    const found = roots.flatMap((root) => dialect.definitionsOf(root, use.callee));
    const [only, more] = found;
    if (only === undefined || more !== undefined)
      return lost(`it is given to ${use.callee}, which is not defined in these files`);
    const why = dialect.decidesByBody(only);
    if (why !== null) return open(`it is given to ${use.callee}, which decides: ${why}`);
    const reads = dialect.readsOfParameter(only, use.index);
    if (reads === null) return lost(`it is given to ${use.callee}`);
    return first(reads, (read) => this.follow(read, depth + 1, yesNo));
  }

  /** Follows what a function returns into its callers. */
  followReturn(node: SgNode, value: SgNode | null, depth: number, yesNo = false): FailOpen | null {
    const { dialect, roots } = this.context;
    const [fn] = dialect.functionsAround(node);
    if (fn === undefined) return null;
    if (yesNo || (value !== null && /^(?:true|false|True|False)$/.test(value.text())))
      return open("the function answers yes or no, and a missing value now gives the answer");
    for (const name of dialect.namesOf(fn)) {
      const word = decidingWord(name);
      if (word !== null) return open(`${name} decides ("${word}")`);
    }
    const callback = dialect.callbackUse(fn);
    if (callback !== null) {
      const owner = fn.ancestors().find((a) => /^(?:call_expression|call|new_expression)$/.test(String(a.kind())));
      if (callback.kind === "up") return owner === undefined ? lost("a callback") : this.follow(owner, depth);
      return this.end(callback, fn, depth, false);
    }
    const name = dialect.calledName(fn);
    if (name === null) return null;
    if (depth >= MAX_DEPTH) return lost(`it is returned through ${MAX_DEPTH} functions`);
    for (const [root, called] of roots.flatMap((root) => this.namesFor(name).map((one) => [root, one] as const))) {
      const { calls, mentions } = dialect.callsOf(root, called, fn);
      const found =
        first(calls, (call) => this.callerDecides(call) ?? this.unused(call, fn) ?? this.follow(call, depth + 1)) ??
        first(mentions, (mention) => this.followMention(mention, depth + 1));
      if (found !== null) return found;
    }
    return null;
  }

  /** The names under which a function is known in these files: its own, and those it is imported or exported as. */
  private namesFor(name: string): string[] {
    const { dialect, roots } = this.context;
    const names = new Set([name]);
    for (const one of names)
      for (const root of roots) for (const alias of dialect.aliasesOf(root, one)) names.add(alias);
    return [...names];
  }

  /** What a caller does: it may be a function that decides by its name or by what it does. */
  private callerDecides(call: SgNode): FailOpen | null {
    const { dialect } = this.context;
    for (const fn of dialect.functionsAround(call)) {
      const name = dialect.namesOf(fn).find((one) => decidingWord(one) !== null);
      if (name !== undefined) return open(`its caller ${name} decides`);
      const why = dialect.decidesByBody(fn);
      if (why !== null) return open(`its caller decides: ${why}`);
    }
    const caught = this.endsAtRead ? null : dialect.caughtAround(call);
    return caught === null ? null : open(caught);
  }

  /** A function that only computes, and whose result nobody uses, is called for its exception. */
  private unused(call: SgNode, fn: SgNode): FailOpen | null {
    const { dialect } = this.context;
    let whole = call;
    while (/^(?:await|parenthesized)/.test(String(whole.parent()?.kind() ?? ""))) whole = whole.parent() ?? whole;
    const parent = whole.parent();
    if (parent === null || dialect.use(whole, parent).kind !== "discarded" || dialect.effectsIn(fn).length > 0)
      return null;
    return open(`\`${short(call.text())}\` is called only for its exception`);
  }

  /** The function is given to a call by its name: `xs.filter(mayEdit)`. */
  private followMention(mention: SgNode, depth: number): FailOpen | null {
    const use = this.context.dialect.callbackUse(mention);
    if (use === null) return lost(`the function is kept as a value in \`${short(mention.parent()?.text() ?? "")}\``);
    if (use.kind === "up") {
      const owner = mention.ancestors().find((a) => /^(?:call_expression|call)$/.test(String(a.kind())));
      return owner === undefined ? lost("a callback") : this.follow(owner, depth);
    }
    return this.end(use, mention, depth, false);
  }
}

/** Names that a step adds to the way of a value: the property read, the variable, the key. */
function stepNames(node: SgNode, parent: SgNode, dialect: Dialect): string[] {
  const key = parent.field("property") ?? parent.field("attribute") ?? parent.field("key") ?? parent.field("name");
  const own = key === null ? [] : dialect.wordsIn(key);
  const left = parent.field("left");
  const written = left === null || same(left, node) ? [] : dialect.wordsIn(left).slice(-1);
  return [...own, ...written];
}

function first<T>(items: readonly T[], look: (item: T) => FailOpen | null): FailOpen | null {
  for (const item of items) {
    const found = look(item);
    if (found !== null) return found;
  }
  return null;
}

function open(message: string): FailOpen {
  return { rule: "failOpen", message: `where the exception ended the request before, it now goes on: ${message}` };
}

function lost(why: string): FailOpen {
  return { rule: "valueLost", message: `the missing value cannot be followed to its end: ${why}` };
}

function short(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > 60 ? `${line.slice(0, 57)}…` : line;
}
