-- Reserves for many calls of one org in one statement and one commit, in their order (see `reserve`): each all of its budgets or none. Who stands behind
-- a call of its workspace that is `held` is `held` too: nobody is overtaken. The budgets of all of them are locked first, in the order of their ids, so that
-- two batches never wait for each other in a circle.
-- items: [{id, workspaceId, replicaId, provider, model, at, input, needs}]
create function reserve_calls(p_org uuid, p_items jsonb) returns table (id uuid, verdict text, budget uuid, left_units bigint) language plpgsql as $$
#variable_conflict use_column
declare
  i record;
  -- By workspace: what its first held call was told.
  v_held jsonb := '{}';
begin
  insert into budget_spends (budget_id, period_start)
    select distinct b.id, period_start(b.period, w.at)
    from (select x."workspaceId" as workspace_id, min(x.at) as at from jsonb_to_recordset(p_items) as x("workspaceId" uuid, at timestamptz) group by 1) w
      left join tasks t on t.workspace_id = w.workspace_id and t.status = 'running', lateral budgets_over(p_org, w.workspace_id, t.id) b
    where b.unit in ('tokens', 'usd') order by 1, 2
    -- Locks the row that is there, too.
    on conflict (budget_id, period_start) do update set spent = budget_spends.spent;
  for i in
    select * from rows from (jsonb_to_recordset(p_items) as (id uuid, "workspaceId" uuid, "replicaId" uuid, provider text, model text, at timestamptz, input bigint, needs jsonb))
      with ordinality as x(id, "workspaceId", "replicaId", provider, model, at, input, needs, n) order by n
  loop
    id := i.id;
    if v_held ? i."workspaceId"::text then
      verdict := 'held';
      budget := (v_held -> i."workspaceId"::text ->> 'budget')::uuid;
      left_units := (v_held -> i."workspaceId"::text ->> 'left')::bigint;
    else
      select r.verdict, r.budget, r.left_units into verdict, budget, left_units
        from reserve(i.id, 'call', p_org, i."workspaceId", null, i."replicaId", null, i.provider, i.model, i.at, i.input, i.needs) r;
      if verdict = 'held' then v_held := v_held || jsonb_build_object(i."workspaceId", jsonb_build_object('budget', budget, 'left', left_units)); end if;
    end if;
    return next;
  end loop;
end $$;
