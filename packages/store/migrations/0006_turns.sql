-- The way of a turn in few statements: at each of them a person waits for an answer.

-- Whether a workspace may run turns. Online may, also within a grace window. Degraded may as long as what it lacks is neither a required server nor a
-- model (B8: there, but runs no turn).
create function may_work(w workspaces) returns boolean language sql immutable as $$
  select coalesce(w.status = 'online' or (w.status = 'degraded'
    and w.signals->'capability'->>'status' in ('ok', 'warning') and w.signals->'responsiveness'->>'status' <> 'failed'), false)
$$;

-- Settles turns whose attempt is over, of one workspace or (null) of all, and tells of budgets that passed their limit by it. Gives how many. Those that another transaction
-- settles just now are left to it.
create function settle_ended_turns(p_now timestamptz, p_most int, p_workspace uuid) returns int language plpgsql as $$
declare
  v_items jsonb;
begin
  select jsonb_agg(jsonb_build_object('id', id, 'input', coalesce((said->>'inputTokens')::bigint, 0), 'output', coalesce((said->>'outputTokens')::bigint, 0),
      'cached', coalesce((said->>'cachedTokens')::bigint, 0), 'reasoning', coalesce((said->>'reasoningTokens')::bigint, 0), 'cacheWrite', 0, 'cost', 0,
      'requests', 0, 'estimated', 0, 'failed', 0, 'turns', 1, 'turnMs', greatest(0, (extract(epoch from ended - started_at) * 1000)::bigint)))
    into v_items
    from (
      select r.id, r.started_at,
        case when t.attempt = r.attempt and t.ended_at is not null then t.ended_at else least(p_now, coalesce(t.lease_until, p_now)) end as ended,
        -- The gateway has counted its own calls; a login's tokens are known only from what the runtime says.
        case when t.result_attempt = r.attempt and r.provider like 'login:%' then t.usage end as said
      from reservations r join tasks t on t.id = r.task_id
      where r.kind = 'turn' and (t.status <> 'running' or t.attempt <> r.attempt) and (p_workspace is null or r.workspace_id = p_workspace)
      order by r.id limit p_most for update of r skip locked) over;
  if v_items is null then return 0; end if;
  insert into events (org_id, workspace_id, type, actor, data)
    select c.org, c.workspace, case c.mode when 'hard' then 'budget.exhausted' else 'budget.warned' end, 'system', jsonb_build_object('budgetId', c.budget)
    from settle(v_items, p_now) c;
  return jsonb_array_length(v_items);
end $$;

-- Leases the oldest queued task of a workspace to its present boot, provided the budgets give leave: attempt + 1, which fences every earlier attempt off. No row: there is none, it
-- works on one already, it may not work, or the boot is not the present one. A verdict other than `granted` (see `reserve`) leases nothing. Any number of simultaneous calls
-- lease a task once.
-- p_provider null = the runtime's own login; p_paid = budgets in money count.
create function lease_turn(p_workspace uuid, p_boot uuid, p_now timestamptz, p_until timestamptz, p_longest_ms bigint, p_reservation uuid, p_provider text, p_model text, p_paid boolean, p_actor text)
returns table (verdict text, "budgetId" uuid, "leftUnits" bigint, "taskId" uuid, attempt int, prompt text, "conversationId" uuid, runtime text, "sessionId" text, "sessionRuntime" text, "deadlineMs" bigint)
language plpgsql as $$
#variable_conflict use_column
declare
  w workspaces;
  t tasks;
  v_wanted bigint;
  v_leave record;
begin
  select * into w from workspaces where id = p_workspace and boot_id = p_boot for no key update;
  if not found or not may_work(w) then return; end if;
  select * into t from tasks q
    where q.workspace_id = w.id and q.status = 'queued' and not exists (select from tasks r where r.workspace_id = w.id and r.status = 'running')
    order by q.id limit 1 for no key update skip locked;
  if not found then return; end if;
  perform settle_ended_turns(p_now, 500, w.id);
  v_wanted := case when t.deadline_at is null then p_longest_ms else greatest(1, (extract(epoch from t.deadline_at - p_now) * 1000)::bigint) end;
  select * into v_leave from reserve(p_reservation, 'turn', w.org_id, w.id, t.id, null, t.attempt + 1, coalesce(p_provider, 'login:' || w.runtime), p_model, p_now, 0,
    jsonb_build_object('turns', jsonb_build_object('hold', 1, 'need', 1), 'minutes', jsonb_build_object('hold', v_wanted, 'need', 1), 'tokens', jsonb_build_object('hold', 0, 'need', 1))
      || case when p_paid then jsonb_build_object('usd', jsonb_build_object('hold', 0, 'need', 1)) else '{}' end);
  if v_leave.verdict = 'granted' then
    update tasks set status = 'running', attempt = t.attempt + 1, boot_id = p_boot, lease_until = p_until, started_at = coalesce(t.started_at, p_now), events_seen = 0 where id = t.id;
    insert into events (org_id, workspace_id, conversation_id, task_id, type, actor, data)
      values (w.org_id, w.id, t.conversation_id, t.id, 'task.started', p_actor, jsonb_build_object('attempt', t.attempt + 1, 'bootId', p_boot));
  end if;
  return query select v_leave.verdict, v_leave.budget, v_leave.left_units, t.id, t.attempt + 1, t.prompt, t.conversation_id, w.runtime, c.session_id, c.session_runtime,
    least(v_wanted, case when v_leave.verdict = 'granted' then v_leave.left_units end)
    from (select) one left join conversations c on c.id = t.conversation_id;
end $$;

-- Takes in events of a running attempt and renews its lease; `first` is the index of the first of them within the attempt. What is there already is left out, so a repeated
-- batch changes nothing. verdict: `taken`, `unknown` (the workspace has no such task), `not_leased` (another attempt has taken over, or it has ended).
create function take_turn_events(p_workspace uuid, p_task uuid, p_attempt int, p_first int, p_events jsonb, p_until timestamptz, p_actor text, out verdict text, out cancel boolean)
language plpgsql as $$
declare
  t tasks;
  v_fresh int;
begin
  select * into t from tasks where workspace_id = p_workspace and id = p_task for no key update;
  if not found then verdict := 'unknown'; return; end if;
  if t.attempt <> p_attempt or t.status <> 'running' then verdict := 'not_leased'; return; end if;
  verdict := 'taken';
  cancel := t.cancel_requested_at is not null;
  v_fresh := greatest(p_first, t.events_seen);
  update tasks set events_seen = greatest(t.events_seen, p_first + jsonb_array_length(p_events)), lease_until = p_until where id = t.id;
  insert into events (org_id, workspace_id, conversation_id, task_id, type, actor, data)
    select t.org_id, t.workspace_id, t.conversation_id, t.id, 'turn.events', p_actor, jsonb_build_object('attempt', p_attempt, 'from', v_fresh, 'events', jsonb_agg(event order by place))
    from jsonb_array_elements(p_events) with ordinality given(event, place) where place > v_fresh - p_first having count(*) > 0;
end $$;
