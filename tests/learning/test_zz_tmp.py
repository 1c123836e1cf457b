"""pytest: the demo with 1000 cases has a proposal (timed)."""
import time, pytest
from datetime import UTC, datetime
from caseloom.cli.demo import seeding
from caseloom.learning.models import ProposalRow
from caseloom.learning import proposals_found as pf
from caseloom.streams.door import the_door
import msgspec
pytestmark = pytest.mark.django_db(transaction=True)
def test_it():
    t=time.time()
    seeding.seed(1000, "a long password", datetime.now(UTC).replace(microsecond=0), lambda line: None)
    print("seed", time.time()-t)
    from caseloom.library.plans import latest, house_version, the_plans, offered_goals
    from caseloom.learning.ways_told import options_of
    from caseloom.learning.ways import findings
    for g in offered_goals():
        key=g.service_goal
        t=time.time(); c=time.process_time()
        plan=the_plans(key, latest(key), house_version())
        worked, titles = pf._read(the_door(), key, plan)
        t1=time.time()-t
        fs=findings(worked, options_of(plan))
        t2=time.time()-t
        pf.refresh(the_door(), key)
        print(key, len(worked), "read",round(t1,2),"found",round(t2,2),"all",round(time.time()-t,2),"cpu",round(time.process_time()-c,2))
        for f in fs:
            kept=ProposalRow.objects.filter(key=f.key).exists()
            print("  ", kept, f.kind,f.goal,f.options,f.steps,f.after,f.cases,f.of,f.earlier,f.grows,f.people,{k:(round(v.difference,2),round(v.low,2),round(v.high,2),v.did,v.others,round(v.good,2),round(v.usual,2)) for k,v in f.effects.items()})
            if not kept:
                b=pf._shown(f,titles); print("   guarded", pf._is_guarded(f,plan), b and b.titles)
