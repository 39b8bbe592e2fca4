"""Home and the ledger: what to do first, the ten steps, totals with their n, and no names where people are counted."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates.duplicates import pairs
from relay.hiring import decisions
from relay.infra import jobs, lanes
from relay.infra.lanes import Lane
from relay.models import (
    Application,
    Candidate,
    Event,
    EventDelivery,
    EventTag,
    GuaranteeKind,
    IntroductionRequest,
    IntroductionState,
    MailClass,
    MeetingForm,
    Message,
    MessageState,
    Partner,
    Referral,
    RejectionReason,
    RelayTotals,
    ResultsFrom,
    RetentionBasis,
    scopes,
)
from relay.network import credits, partners
from relay.portal.home import upkeep_todos
from tests.cast import Cast, browse, make_application, make_candidate, make_partner, make_partnership


def referrals(session: Session, cast: Cast, count: int) -> None:
    with scopes.company(session, cast.acme.id):
        for n in range(1, count + 1):
            at = clock.now() - timedelta(days=count - n)
            session.add(Referral(company_id=cast.acme.id, number=n, completed_at=at))
        session.flush()
    credits.earn_due(session, cast.acme.id)


def test_a_company_without_anyone_is_shown_how_to_begin(ada: FlaskClient, vic: FlaskClient) -> None:
    page = ada.get("/").text
    assert "候補者の一覧を取り込むところから" in page
    assert "/pool/import" in page
    assert "/pool/import" not in vic.get("/").text


def test_what_to_do_today_comes_first(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate, application: Application
) -> None:
    assert "結果をまだ伝えていない方" not in ada.get("/").text, "the selection of somebody who is in it runs"
    with scopes.company(session, cast.acme.id):
        decisions.reject(session, application, reason=RejectionReason.OTHER, by_user_id=cast.ada.id)
    session.commit()
    page = ada.get("/").text
    assert page.index("今日すること") < page.index("次の紹介枠まで、あと")
    assert "結果をまだ伝えていない方" in page
    assert 'href="/results"' in page
    assert "届いていない結果連絡" not in page
    with scopes.company(session, cast.acme.id):
        decisions.note_notified_elsewhere(session, [application], by_user_id=cast.ada.id, reason=RejectionReason.OTHER)
    session.commit()
    assert "結果をまだ伝えていない方" not in ada.get("/").text


def test_what_keeps_records_in_order_is_the_last_line_and_only_where_it_waits(
    session: Session, cast: Cast, ada: FlaskClient, vic: FlaskClient, hanako: Candidate
) -> None:
    for email in ("", "twin@mail.example"):
        make_candidate(session, cast.acme, hanako.name, email=email, phone="09011112222")
    session.commit()
    with scopes.company(session, cast.acme.id):
        ids = session.scalars(select(Candidate.id).order_by(Candidate.id)).all()
        pairs.named_by_file(session, cast.acme.id, [(ids[0], ids[1])])
    session.commit()
    page = ada.get("/").text
    assert page.index("重複の可能性がある組") < page.index("情報が足りない記録")
    assert "メールアドレスなし 1件" in page
    assert "手の空いたときに" in page
    assert "情報が足りない記録" not in vic.get("/").text, "a viewer puts nothing right"


def test_home_counts_what_lacks_so_far_and_the_page_of_it_goes_on(
    session: Session, cast: Cast, ada: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep_todos, "MAX_MISSING", 2)
    for number in range(3):
        make_candidate(session, cast.acme, f"宛先 {number}", email="", kana="", kana_key="")
    session.commit()
    assert "メールアドレスなし 2件以上" in ada.get("/").text
    assert "メールアドレスなし" in ada.get("/pool/missing").text


def test_seven_lines_by_date_and_how_many_more(
    app: Flask, session: Session, cast: Cast, application: Application
) -> None:
    with scopes.company(session, cast.acme.id):
        decisions.reject(session, application, reason=RejectionReason.OTHER, by_user_id=cast.ada.id)
    days = (-3, 50, 5, 8, 9, 10, 11, 12, 13)
    for left in days:
        until = clock.today() + timedelta(days=left)
        partner = make_partner(session, f"partner{left}", name=f"あと{left}日", license_until=until)
        make_partnership(session, cast.acme, partner)
    session.commit()
    page = browse(app, cast.adam).get("/").text
    today = page[page.index('id="today-h"') :]
    shown, _summary, further = today[: today.index("</section>")].partition("<details>")
    titles = re.findall(r"<strong>(.*?)</strong>", shown)
    assert titles[:3] == ["あと-3日の許可の有効期限", "結果をまだ伝えていない方", "あと5日の許可の有効期限"]
    assert len(titles) == 7
    assert "ほか3件" in further
    assert re.findall(r"<strong>(.*?)</strong>", further)[-1] == "あと50日の許可の有効期限", "nothing is hidden"


def test_each_line_says_whose_turn_it_is_and_until_when(
    app: Flask, session: Session, cast: Cast, application: Application
) -> None:
    with scopes.company(session, cast.acme.id):
        decisions.reject(session, application, reason=RejectionReason.OTHER, by_user_id=cast.ada.id)
    days = [clock.today() + timedelta(days=left) for left in (-3, 5)]
    for day in days:
        partner = make_partner(session, f"until{day:%d}", name=f"期限{day:%d}", license_until=day)
        make_partnership(session, cast.acme, partner)
    session.commit()
    page = browse(app, cast.adam).get("/").text
    today = page[page.index('id="today-h"') :]
    said = re.findall(r'<span class="badge badge--info">(.*?)</span> (.*?)</span>', today[: today.index("</section>")])
    over, later = (f"{day.month}/{day.day}" if day.year == clock.today().year else f"{day:%Y/%-m/%-d}" for day in days)
    assert said == [
        ("自社の番", f"{over}まで（過ぎています）"),
        ("自社の番", "今日中"),
        ("自社の番", f"{later}まで"),
    ]


def test_selections_that_rest_are_a_thing_to_do_and_lead_to_exactly_these_people(
    session: Session, cast: Cast, ada: FlaskClient, vic: FlaskClient, hanako: Candidate, application: Application
) -> None:
    since = clock.now() - timedelta(days=20)
    with clock.at(since):
        resting = make_application(session, make_candidate(session, cast.acme, "休止 一郎"))
    session.commit()
    page, day = ada.get("/").text, since.astimezone(clock.JAPAN)
    assert "動きのない選考" in page
    assert "段階も結果も14日以上記録されていません" in page
    assert f"{day.year}年{day.month}月{day.day}日から動きがありません" in page
    assert 'href="/applications/stalled"' in page
    listed = ada.get("/applications/stalled").text
    assert "休止 一郎" in listed
    assert hanako.name not in listed, "something was recorded of her today"
    assert f"/applications/{resting.id}/progress" in listed
    assert "/progress" not in vic.get("/applications/stalled").text
    assert ada.get("/applications/stalled?after=1-1").status_code in (200, 302)


def test_no_selection_rests(ada: FlaskClient, hanako: Candidate, application: Application) -> None:
    assert "動きのない選考" not in ada.get("/").text
    assert "動きのない選考はありません" in ada.get("/applications/stalled").text


def test_who_leaves_soon_is_counted_and_listed(session: Session, cast: Cast, ada: FlaskClient) -> None:
    soon, later = clock.today() + timedelta(days=5), clock.today() + timedelta(days=50)
    near = make_candidate(session, cast.acme, "期限 近", retain_until=soon)
    make_candidate(session, cast.acme, "期限 遠", retain_until=later)
    make_candidate(session, cast.acme, "選考 のみ", retain_until=soon, basis=RetentionBasis.SELECTION)
    day = f"{soon.year}年{soon.month}月{soon.day}日"
    page = ada.get("/").text
    assert "まもなく保管期限を迎える方" in page
    assert f"いちばん早い方は{day}まで" in page
    assert "選考の結果が記録されていません" not in page
    listed = ada.get("/pool/leaving").text
    assert f"/pool/{near.id}" in listed
    assert "選考 のみ" in listed
    assert "期限 遠" not in listed
    assert day in listed


def test_home_list_and_record_warn_of_a_selection_without_a_result_and_say_what_to_do(
    session: Session, cast: Cast, ada: FlaskClient
) -> None:
    near = make_candidate(session, cast.acme, "選考 途中", retain_until=clock.today() + timedelta(days=30))
    make_application(session, near, applied_on=clock.today() - timedelta(days=400))
    make_candidate(session, cast.acme, "期限 近", retain_until=clock.today() + timedelta(days=5))
    session.commit()
    home, listed = ada.get("/").text, ada.get("/pool/leaving").text
    assert "うち1名は、選考の結果が記録されていません" in home
    assert "選考が続いていれば、次の段階か結果を記録してください" in home
    assert "うち1名は、選考の結果が記録されていません" in listed
    assert "期限までに次の段階か結果を記録してください。記録すると、消去の対象から外れます" in listed
    assert listed.count("選考の結果が未記録") == 1
    record = ada.get(f"/pool/{near.id}").text
    assert "次の段階か結果を記録してください。記録すると、期限をその日から数えます" in record


def test_mails_that_did_not_arrive_are_a_thing_to_do(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate, application: Application
) -> None:
    with scopes.company(session, cast.acme.id):
        decisions.reject(session, application, reason=RejectionReason.OTHER, by_user_id=None)
    session.add(
        Message(
            company_id=cast.acme.id,
            letter="result",
            once_per_subject=True,
            mail_class=MailClass.RELAY,
            subject_kind="application",
            subject_id=application.id,
            candidate_id=hanako.id,
            to_address="hanako@mail.example",
            state=MessageState.FAILED,
            due_at=clock.now(),
            created_at=clock.now(),
            settled_at=clock.now(),
            message_id="<1@test>",
        )
    )
    page = ada.get("/").text
    assert "届いていない結果連絡" in page
    assert 'href="/results/failed"' in page
    assert "結果連絡が届きませんでした" in ada.get(f"/pool/{hanako.id}?show=mail").text


def test_the_steps_carry_numbers_and_days_and_no_names(session: Session, cast: Cast, ada: FlaskClient) -> None:
    candidate = make_candidate(session, cast.acme, "完了 花子")
    referrals(session, cast, 13)
    for path in ("/", "/credits"):
        page = ada.get(path).text
        assert page.count('<li class="done">') == 3
        assert page.count('<li class="now">') == 1
        assert page.count('<li class="todo">') == 6
        assert 'あと<span class="num">7</span>名' in page
        assert candidate.name not in page


def test_the_funnel_shows_totals_of_this_company_with_their_day(session: Session, cast: Cast, ada: FlaskClient) -> None:
    candidate = make_candidate(session, cast.acme)
    for organisation, totals in ((cast.acme, (40, 20, 4)), (cast.other, (777, 10, 1))):
        told, viewed, completed = totals
        with scopes.company(session, organisation.id):
            session.add(RelayTotals(taken_at=clock.now(), told=told, viewed=viewed, completed=completed))
            session.flush()
    page = ada.get("/credits").text
    day = clock.today()
    assert f"{day.year}年{day.month}月{day.day}日までの合計" in page
    assert "<b>24</b>" in page, "who completed came too"
    assert "60.0%" in page
    assert "777" not in page
    assert candidate.name not in page


def test_the_ledger_names_day_words_and_the_referrals_behind_each_credit(
    session: Session, cast: Cast, ada: FlaskClient, vic: FlaskClient
) -> None:
    referrals(session, cast, 20)
    page = ada.get("/credits").text
    assert page.count("対象の登録（10件）") == 2
    behind = re.findall(r"<li>登録(\d+)番 <span class=\"num\">([\d/]+)</span></li>", page)
    assert [int(number) for number, _day in behind] == [*range(11, 21), *range(1, 11)]
    assert len({day for _number, day in behind}) == 20
    assert page.count("リレー完了が10名になりました") == 2
    assert "職業紹介は許可を受けた紹介会社が行います" in page
    assert "円" not in page.split("<main")[1]
    assert "登録した方が、その後採用されたかどうかは問いません" in page
    assert "ご本人が希望したときに、面談が確約されます" in page
    assert vic.get("/credits").status_code == 200


def test_four_numbers_say_what_came_of_it_and_each_leads_to_its_page(
    session: Session, cast: Cast, ada: FlaskClient, application: Application
) -> None:
    assert first_line(ada.get("/").text) == [], "nothing before anybody has registered"
    referrals(session, cast, 30)
    session.commit()
    assert [number for _page, number in first_line(ada.get("/").text)] == ["30名", "3件", "0件", "0名"]
    for state in ("held", "hired", "accepted"):
        introduced(session, cast, application, IntroductionState(state))
    session.commit()
    told = first_line(ada.get("/").text)
    assert [number for _page, number in told] == ["30名", "3件", "2件", "1名"]
    for path, _number in told:
        page = ada.get(path.partition("#")[0]).text
        assert f'id="{path.partition("#")[2]}"' in page


def first_line(page: str) -> list[tuple[str, str]]:
    """The numbers of the first line, with the page each leads to."""
    line = re.search(r'<ol class="row first-line">(.*?)</ol>', page, re.DOTALL)
    return re.findall(r'<a href="([^"]+)">\S+ <b class="num">(.*?)</b>', line[1]) if line else []


def introduced(session: Session, cast: Cast, application: Application, state: IntroductionState) -> None:
    """A request of Acme's that a person said yes to."""
    held = credits.reserve(session, cast.acme.id, "経理の募集").id
    waiting = state is IntroductionState.ACCEPTED
    with scopes.company(session, cast.acme.id):
        session.add(
            IntroductionRequest(
                company_id=cast.acme.id,
                partner_id=cast.tsumugi.id,
                position_id=application.position_id,
                title="経理",
                posting=[],
                guarantee=GuaranteeKind.CASUAL,
                meets_with="採用担当者",
                minutes=30,
                form=MeetingForm.ONLINE,
                reservation_id=held,
                spent_id=credits.spend(session, cast.acme.id, held, "面談の約束").id,
                state=state,
                due_on=clock.today() if waiting else None,
                ended_at=None if waiting else clock.now(),
                made_at=clock.now(),
            )
        )
        session.flush()


def test_a_free_credit_leads_to_the_request_it_is_for(session: Session, cast: Cast, ada: FlaskClient) -> None:
    referrals(session, cast, 10)
    make_candidate(session, cast.acme)
    home = ada.get("/").text
    assert 'href="/introductions/new"' in home
    page = ada.get("/credits").text
    assert 'id="about-h"' in page
    assert 'href="/introductions"' in page.split('id="about-h"')[1]


def test_an_empty_ledger_says_how_it_fills(ada: FlaskClient) -> None:
    assert "まだ記録はありません" in ada.get("/credits").text


def test_the_ledger_is_read_on_page_by_page(session: Session, cast: Cast, ada: FlaskClient) -> None:
    referrals(session, cast, 10)
    for n in range(30):
        entry = credits.reserve(session, cast.acme.id, f"理由{n:02}")
        credits.release(session, cast.acme.id, entry.id, "やめた")
    page = ada.get("/credits").text
    assert "理由29" in page
    assert "理由00" not in page
    older = ada.get("/credits?before=12").text
    assert "理由00" in older
    assert "いちばん新しいところへ" in older
    assert ada.get("/credits?before=nonsense").status_code == 200


# what every page carries


def test_the_way_around_fits_the_role(app: object, ada: FlaskClient, vic: FlaskClient) -> None:
    mine, theirs = ada.get("/credits").text, vic.get("/credits").text
    for path in ("/pool", "/positions", "/results", "/credits"):
        assert f'href="{path}"' in mine
        assert f'href="{path}"' in theirs
    assert 'href="/settings/company"' not in mine
    assert "採用担当" in mine
    assert "閲覧のみ" in theirs


@pytest.mark.parametrize(
    ("path", "section"), [("/", "/"), ("/pool", "/pool"), ("/applications", "/positions"), ("/credits", "/credits")]
)
def test_the_section_one_is_in_is_marked(ada: FlaskClient, hanako: Candidate, path: str, section: str) -> None:
    page = ada.get(path).text
    assert f'href="{section}" aria-current="page"' in page


def test_a_record_belongs_to_the_pool(ada: FlaskClient, hanako: Candidate) -> None:
    assert 'href="/pool" aria-current="page"' in ada.get(f"/pool/{hanako.id}").text


def test_when_sending_stands_still_every_page_says_so(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    assert "送信が止まっています" not in ada.get("/pool").text
    due = clock.now() - timedelta(minutes=10)
    session.add(
        Message(
            company_id=cast.acme.id,
            letter="result",
            once_per_subject=True,
            mail_class=MailClass.RELAY,
            candidate_id=hanako.id,
            to_address="hanako@mail.example",
            state=MessageState.SCHEDULED,
            due_at=due,
            created_at=due,
            message_id="<1@test>",
        )
    )
    assert "送信が止まっています" in ada.get("/pool").text


def test_which_lane_stands_still_is_said_in_words_of_what_does_not_happen(
    session: Session, cast: Cast, ada: FlaskClient
) -> None:
    due = clock.now() - timedelta(minutes=10)
    jobs.enqueue(session, "read-file", key="read-file:1", company_id=cast.acme.id, due_at=due)
    event = Event(at=due, tag=EventTag.CONSENT_WITHDRAWN.value, actor_kind="system", data={})
    session.add(event)
    session.flush()
    session.add(EventDelivery(event_id=event.id, consumer="partner-notice"))
    session.commit()
    page = ada.get("/pool").text
    assert "ファイルの読み取りや取り込みが止まっています" in page
    assert "提携先へのお知らせが止まっています" in page
    assert "送信が止まっています" not in page, "mails leave"
    lanes.beat(session, [Lane.JOBS])
    session.commit()
    page = ada.get("/pool").text
    assert "読み取りや取り込みが止まっています" not in page
    assert "提携先へのお知らせが止まっています" in page


def test_a_company_that_practises_sees_what_stands_before_real_sending(
    app: Flask, session: Session, cast: Cast, ada: FlaskClient
) -> None:
    cast.acme.live_since, cast.acme.reply_to = None, ""
    session.commit()
    page = browse(app, cast.adam).get("/").text
    assert "本番利用の準備" in page
    assert "6項目のうち" in page
    assert 'href="/live"' in page
    assert "「返信先のアドレス」を準備する" in page
    theirs = ada.get("/").text
    assert "準備と本番の開始は、管理者が行います" in theirs
    assert "準備をする" not in theirs


def test_what_to_expect_of_the_steps_is_said_from_own_figures_with_their_n(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    totals = RelayTotals(company_id=cast.acme.id, taken_at=clock.now(), told=19, viewed=0, completed=4)
    session.add(totals)
    referrals(session, cast, 4)
    session.commit()
    assert "これまでに案内した19名のうち、4名がリレー完了" in ada.get("/").text
    assert "同じ割合なら" not in ada.get("/").text, "nineteen are too few to expect anything of"
    totals.told = 20
    session.commit()
    assert "これまでに案内した20名のうち、4名がリレー完了" in ada.get("/").text
    assert "あと30名ほどへの案内が目安" in ada.get("/").text


def test_home_suggests_what_fits_how_the_company_tells_results_today(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    assert "月に一度ほど" not in ada.get("/").text
    cast.acme.results_from, cast.acme.ats_name = ResultsFrom.ATS, "HERP"
    session.commit()
    assert "HERPで結果を伝えているあいだは" in ada.get("/").text


def test_a_partner_that_waits_to_be_looked_up_is_a_thing_to_do(
    app: Flask, session: Session, cast: Cast, hanako: Candidate
) -> None:
    adam = browse(app, cast.adam)
    assert "確認を待っている提携先" not in adam.get("/").text
    session.get_one(Partner, cast.tsumugi.id).checked_on = None
    page = adam.get("/").text
    assert "確認を待っている提携先" in page
    assert 'href="/settings/partners"' in page


def test_a_renewed_licence_is_to_be_looked_up_again_until_the_day_it_would_have_ended(
    app: Flask, session: Session, cast: Cast, hanako: Candidate
) -> None:
    adam, ends = browse(app, cast.adam), clock.today() + timedelta(days=40)
    partner = session.get_one(Partner, cast.tsumugi.id)
    partner.license_until = ends
    partners.describe_itself(session, partner, license_until=ends + timedelta(days=1800))
    session.commit()
    page = adam.get("/").text
    assert "もう一度確認する提携先" in page
    assert f"{ends.month}月{ends.day}日を過ぎると" in page
    assert "確認を待っている提携先" not in page
    with scopes.company(session, cast.acme.id):
        found = partners.fingerprint(partner)
    partners.check_partnership(session, cast.acme.id, partner.id, seen=found, note="", by_user_id=cast.adam.id)
    session.commit()
    assert "もう一度確認する提携先" not in adam.get("/").text
