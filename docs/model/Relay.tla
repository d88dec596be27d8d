------------------------------- MODULE Relay -------------------------------
(* One shard of one channel: writers whose transactions commit in any order, relays that hold the shard one after the
   other or, when a lease expires under a relay that was stopped, at the same time, and a broker. What is left out: parking,
   which has tests of its own, the time a lease takes, and payloads.

   Ids are drawn in the order 1, 2, 3, ... and become visible when their transaction commits, perhaps much later. The caller
   serialises the transactions that write one key. A relay reads above its cursor, after that looks below the cursor for what
   was committed late, hands both on in this order, and deletes what the broker has acknowledged, id by id.

   Bugs is empty for the design as it is. Each element breaks one rule of it, and TLC must then find a violation. *)
EXTENDS Naturals, Sequences, FiniteSets, TLC

CONSTANTS Relays, Keys, N, Limit, MaxFailures, Bugs

Ids == 1..N
None == "none"

VARIABLES
    st,       \* of each id: "new", "open" (drawn, not committed), "in" (the table), "out" (rolled back), "gone" (deleted)
    key,      \* of each id that was drawn
    next,     \* the next id to be drawn
    hidden,   \* open transactions that a snapshot does not show; empty unless there is a bug
    first,    \* the first deliveries, in the order in which the broker got them
    owner,    \* of the lease, in the database
    failures, \* how many there were: they must end for a message to arrive
    up, on,   \* relays that run; relays that believe to have the lease
    phase, rows, top, snapshot, late, \* a relay between its read and the hand-over of what it read
    cursor, unfinished,               \* how far it has come; who was unfinished at its last snapshot
    queue, acked, removed             \* on their way to the broker; acknowledged; deleted since the last read

writers == <<st, key, next, hidden>>
reading == <<phase, rows, top, snapshot, late>>
vars == <<st, key, next, hidden, first, owner, failures, up, on, phase, rows, top, snapshot, late, cursor, unfinished,
    queue, acked, removed>>

Max(S) == CHOOSE x \in S : \A y \in S : y <= x
Min(S) == CHOOSE x \in S : \A y \in S : x <= y
Range(s) == {s[i] : i \in 1..Len(s)}
RECURSIVE Sorted(_)
Sorted(S) == IF S = {} THEN <<>> ELSE <<Min(S)>> \o Sorted(S \ {Min(S)})
UpTo(s, n) == SubSeq(s, 1, IF Len(s) < n THEN Len(s) ELSE n)
RECURSIVE Delivered(_, _)
Delivered(f, s) == IF s = <<>> THEN f
    ELSE Delivered(IF Head(s) \in Range(f) THEN f ELSE Append(f, Head(s)), Tail(s))

Table == {i \in Ids : st[i] = "in"}
Running == {i \in Ids : st[i] = "open"} \ hidden
Window(r) == Range(queue[r]) \cup acked[r] \cup removed[r]

Init ==
    /\ st = [i \in Ids |-> "new"] /\ key = [i \in Ids |-> None] /\ next = 1 /\ hidden = {}
    /\ first = <<>> /\ owner = None /\ failures = 0
    /\ up = [r \in Relays |-> TRUE] /\ on = [r \in Relays |-> FALSE]
    /\ phase = [r \in Relays |-> "idle"] /\ rows = [r \in Relays |-> <<>>] /\ top = [r \in Relays |-> 0]
    /\ snapshot = [r \in Relays |-> {}] /\ late = [r \in Relays |-> {}]
    /\ cursor = [r \in Relays |-> 0] /\ unfinished = [r \in Relays |-> {}]
    /\ queue = [r \in Relays |-> <<>>] /\ acked = [r \in Relays |-> {}] /\ removed = [r \in Relays |-> {}]

-----------------------------------------------------------------------------
(* Writers *)

Draw(k) ==
    /\ next <= N
    /\ \A i \in Ids : st[i] = "open" => key[i] # k
    /\ st' = [st EXCEPT ![next] = "open"] /\ key' = [key EXCEPT ![next] = k] /\ next' = next + 1
    /\ hidden' = IF "number after id" \in Bugs THEN hidden \cup {next} ELSE hidden
    /\ UNCHANGED <<first, owner, failures, up, on, reading, cursor, unfinished, queue, acked, removed>>

Show(i) ==
    /\ i \in hidden /\ hidden' = hidden \ {i}
    /\ UNCHANGED <<st, key, next, first, owner, failures, up, on, reading, cursor, unfinished, queue, acked, removed>>

Finish(i, to) ==
    /\ st[i] = "open" /\ i \notin hidden /\ st' = [st EXCEPT ![i] = to]
    /\ UNCHANGED <<key, next, hidden, first, owner, failures, up, on, reading, cursor, unfinished, queue, acked, removed>>

-----------------------------------------------------------------------------
(* The lease *)

Idle(r) == /\ phase' = [phase EXCEPT ![r] = "idle"] /\ rows' = [rows EXCEPT ![r] = <<>>]
           /\ top' = [top EXCEPT ![r] = 0] /\ snapshot' = [snapshot EXCEPT ![r] = {}] /\ late' = [late EXCEPT ![r] = {}]

Take(r) ==
    /\ up[r] /\ owner = None /\ owner' = r /\ on' = [on EXCEPT ![r] = TRUE]
    /\ cursor' = [cursor EXCEPT ![r] =
           IF "cursor handed over" \in Bugs THEN Max({cursor[s] : s \in Relays}) ELSE 0]
    /\ Idle(r)
    /\ UNCHANGED <<writers, first, failures, up, unfinished, queue, acked, removed>>

(* Given back when everything in flight is done. *)
Release(r) ==
    /\ owner = r /\ on[r] /\ phase[r] = "idle" /\ queue[r] = <<>> /\ acked[r] = {}
    /\ failures < MaxFailures /\ failures' = failures + 1
    /\ owner' = None /\ on' = [on EXCEPT ![r] = FALSE]
    /\ UNCHANGED <<writers, first, up, reading, cursor, unfinished, queue, acked, removed>>

(* The relay is stopped for longer than its lease, and goes on as if nothing were. *)
Expire ==
    /\ owner # None /\ failures < MaxFailures /\ failures' = failures + 1 /\ owner' = None
    /\ UNCHANGED <<writers, first, up, on, reading, cursor, unfinished, queue, acked, removed>>

Notice(r) ==
    /\ on[r] /\ owner # r /\ on' = [on EXCEPT ![r] = FALSE] /\ Idle(r)
    /\ UNCHANGED <<writers, first, owner, failures, up, cursor, unfinished, queue, acked, removed>>

(* What it has sent may be under way still. *)
Crash(r) ==
    /\ up[r] /\ failures < MaxFailures /\ failures' = failures + 1
    /\ up' = [up EXCEPT ![r] = FALSE] /\ on' = [on EXCEPT ![r] = FALSE]
    /\ owner' = IF owner = r THEN None ELSE owner
    /\ \E n \in 0..Len(queue[r]) : queue' = [queue EXCEPT ![r] = UpTo(queue[r], n)]
    /\ acked' = [acked EXCEPT ![r] = {}] /\ removed' = [removed EXCEPT ![r] = {}]
    /\ unfinished' = [unfinished EXCEPT ![r] = {}]
    /\ cursor' = IF "cursor handed over" \in Bugs THEN cursor ELSE [cursor EXCEPT ![r] = 0]
    /\ Idle(r) /\ UNCHANGED <<writers, first>>

Restart(r) ==
    /\ ~up[r] /\ queue[r] = <<>> /\ up' = [up EXCEPT ![r] = TRUE]
    /\ UNCHANGED <<writers, first, owner, failures, on, reading, cursor, unfinished, queue, acked, removed>>

-----------------------------------------------------------------------------
(* The relay *)

LateOnes(r, now) ==
    LET ended == unfinished[r] \ now
    IN  IF "no search for late commits" \in Bugs \/ ended = {} THEN {}
        ELSE {i \in Table : Min(ended) <= i /\ i <= cursor[r] /\ i \notin Window(r)}

Above(r) == {i \in Table : i > cursor[r]}

(* One statement: rows, the highest id and the running transactions of one snapshot. *)
Read(r) ==
    /\ on[r] /\ phase[r] = "idle"
    /\ Above(r) # {} \/ Running # unfinished[r]
    /\ phase' = [phase EXCEPT ![r] = "read"]
    /\ rows' = [rows EXCEPT ![r] = UpTo(Sorted(Above(r)), Limit)]
    /\ top' = [top EXCEPT ![r] = Max(Above(r) \cup {cursor[r]})]
    /\ snapshot' = [snapshot EXCEPT ![r] = Running]
    /\ removed' = [removed EXCEPT ![r] = {}]
    /\ late' = [late EXCEPT ![r] = IF "search before the read" \in Bugs THEN LateOnes(r, Running) ELSE {}]
    /\ UNCHANGED <<writers, first, owner, failures, up, on, cursor, unfinished, queue, acked>>

(* Later statements find what was committed late; it goes before what was read. *)
HandOn(r) ==
    /\ on[r] /\ phase[r] = "read"
    /\ LET before == "search before the read" \in Bugs
           read == IF before THEN UpTo(Sorted(Above(r)), Limit) ELSE rows[r]
           found == IF before THEN late[r] ELSE LateOnes(r, snapshot[r])
           fresh(i) == i \notin Window(r)
           new == Sorted(found) \o SelectSeq(read, fresh)
           exhausted == Len(read) < Limit
       IN  /\ queue' = [queue EXCEPT ![r] = queue[r] \o new]
           /\ cursor' = [cursor EXCEPT ![r] =
                  IF exhausted THEN Max({top[r], cursor[r]} \cup Range(read)) ELSE read[Len(read)]]
           /\ st' = IF "deleted when sent" \in Bugs
                  THEN [i \in Ids |-> IF i \in Range(new) THEN "gone" ELSE st[i]] ELSE st
    /\ unfinished' = [unfinished EXCEPT ![r] = snapshot[r]]
    /\ Idle(r)
    /\ UNCHANGED <<key, next, hidden, first, owner, failures, up, on, acked, removed>>

(* The broker keeps the order of one relay's messages. *)
Deliver(r) ==
    /\ queue[r] # <<>>
    /\ first' = Delivered(first, <<Head(queue[r])>>)
    /\ queue' = [queue EXCEPT ![r] = Tail(queue[r])]
    /\ acked' = IF up[r] THEN [acked EXCEPT ![r] = acked[r] \cup {Head(queue[r])}] ELSE acked
    /\ UNCHANGED <<writers, owner, failures, up, on, reading, cursor, unfinished, removed>>

Delete(r) ==
    /\ up[r] /\ acked[r] # {}
    /\ LET gone == IF "deleted by range" \in Bugs THEN {i \in Table : i <= Max(acked[r])} ELSE acked[r]
       IN  st' = [i \in Ids |-> IF i \in gone THEN "gone" ELSE st[i]]
    /\ removed' = [removed EXCEPT ![r] = removed[r] \cup acked[r]] /\ acked' = [acked EXCEPT ![r] = {}]
    /\ UNCHANGED <<key, next, hidden, first, owner, failures, up, on, reading, cursor, unfinished, queue>>

(* The connection to the broker breaks: some of what was sent arrived, nothing is known of it. *)
Unavailable(r) ==
    /\ up[r] /\ queue[r] # <<>> /\ failures < MaxFailures /\ failures' = failures + 1
    /\ \E n \in 0..Len(queue[r]) : first' = Delivered(first, UpTo(queue[r], n))
    /\ cursor' = IF "not read again" \in Bugs THEN cursor
           ELSE [cursor EXCEPT ![r] = Min({cursor[r], Min(Range(queue[r])) - 1})]
    /\ queue' = [queue EXCEPT ![r] = <<>>]
    /\ Idle(r)
    /\ UNCHANGED <<writers, owner, up, on, unfinished, acked, removed>>

(* The net under it all. *)
Sweep(r) ==
    /\ "no sweep" \notin Bugs
    /\ on[r] /\ phase[r] = "idle"
    /\ LET missed == {i \in Table : i <= cursor[r] /\ i \notin Window(r)}
       IN missed # {} /\ cursor' = [cursor EXCEPT ![r] = Min(missed) - 1]
    /\ UNCHANGED <<writers, first, owner, failures, up, on, reading, unfinished, queue, acked, removed>>

Next ==
    \/ \E k \in Keys : Draw(k)
    \/ \E i \in Ids : Show(i) \/ Finish(i, "in") \/ Finish(i, "out")
    \/ Expire
    \/ \E r \in Relays : Take(r) \/ Release(r) \/ Notice(r) \/ Crash(r) \/ Restart(r) \/ Read(r) \/ HandOn(r)
           \/ Deliver(r) \/ Delete(r) \/ Unavailable(r) \/ Sweep(r)

Fairness == \A r \in Relays : /\ WF_vars(Take(r)) /\ WF_vars(Notice(r)) /\ WF_vars(Restart(r)) /\ WF_vars(Read(r))
                              /\ WF_vars(HandOn(r)) /\ WF_vars(Deliver(r)) /\ WF_vars(Delete(r)) /\ WF_vars(Sweep(r))

Spec == Init /\ [][Next]_vars
FairSpec == Spec /\ Fairness

-----------------------------------------------------------------------------
(* What must hold *)

Committed(i) == st[i] \in {"in", "gone"}

(* Guarantee 1: nothing is invented. *)
OnlyCommitted == \A i \in Range(first) : Committed(i)

(* Guarantee 2: a committed message is in the table until the broker has it. *)
DeletedOnlyWhenDelivered == \A i \in Ids : st[i] = "gone" => i \in Range(first)

(* Guarantee 4: when a message arrives first, everything of its key that was committed before has arrived. *)
OrderPerKey == \A n \in 1..Len(first) : \A i \in Ids :
    (i < first[n] /\ Committed(i) /\ key[i] = key[first[n]]) => \E m \in 1..(n - 1) : first[m] = i

(* Guarantees 2 and 6: a committed message arrives, however late it was committed, once failures end. *)
Arrives == \A i \in Ids : (st[i] = "in") ~> (i \in Range(first))

Symmetry == Permutations(Relays)
=============================================================================
