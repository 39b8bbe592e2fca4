"""Positions of the demo: what the company wrote about those its files had named; one it has not come to yet."""

from typing import Any

from sqlalchemy.orm import Session

from relay.bulk import position_admin
from relay.hiring import occupations, positions
from relay.models import EmploymentType, Position, PositionState, SalaryPeriod

_EVERYWHERE: dict[str, Any] = {
    "place": "長野県岡谷市",
    "employment": EmploymentType.REGULAR,
    "salary_per": SalaryPeriod.YEAR,
    "duties_change": "会社の定める業務",
    "contract_period": "期間の定めなし",
    "renewal": "なし",
    "trial_period": "3か月（条件の変更なし）",
    "workplace_change": "会社の定める事業所",
    "working_hours": "8:30〜17:15",
    "breaks": "12:00〜12:45の45分",
    "holidays": "土日、年末年始（会社カレンダーによる）",
    "overtime": "あり（月平均18時間）",
    "fixed_overtime": "なし",
    "insurance": "健康保険、厚生年金、労災保険、雇用保険",
    "smoking": "敷地内禁煙",
    "apply_at": "https://hinata.example/jobs",
}
_WRITTEN: dict[str, dict[str, Any]] = {
    "生産技術エンジニア": {
        "occupation": "生産・品質管理技術者",
        "description": "新しい加工ラインの立ち上げと、治具の設計・改善を担当します。",
        "required_skills": "治具設計または設備保全の経験\n3次元CADの実務",
        "welcome_skills": "工程改善を主導した経験",
        "salary_from": 4_500_000,
        "salary_to": 6_500_000,
        "headcount": 2,
    },
    "品質保証": {
        "occupation": "生産・品質管理技術者",
        "description": "測定データの管理、お客さまへの報告、内部監査を担当します。",
        "required_skills": "製造業での品質管理の経験",
        "welcome_qualifications": "品質管理検定2級",
        "salary_from": 4_000_000,
        "salary_to": 5_500_000,
        "headcount": 1,
    },
    "機械設計": {
        "description": "専用機の構想設計から、試作の評価までを担当します。",
        "required_skills": "機械設計の実務2年以上",
        "salary_from": 4_200_000,
        "salary_to": 6_000_000,
        "headcount": 1,
    },
    "法人営業": {
        "description": "県内の製造業のお客さまへの提案と、見積・納期の調整を担当します。",
        "required_skills": "法人営業の経験",
        "required_qualifications": "普通自動車免許",
        "salary_from": 3_800_000,
        "salary_to": 5_500_000,
        "headcount": 3,
    },
    "経理": {
        "occupation": "経理事務",
        "description": "月次決算、原価計算、支払いを担当します。",
        "required_qualifications": "日商簿記検定2級",
        "welcome_skills": "製造業の原価計算の経験",
        "salary_from": 3_600_000,
        "salary_to": 4_800_000,
        "headcount": 1,
    },
    "購買・調達": {"description": "部材の発注、納期の管理、仕入先との交渉を担当します。", "headcount": 1},
    "社内SE": {"description": "基幹システムの運用と、社内の問い合わせへの対応を担当します。", "headcount": 1},
}
_STATES = {"購買・調達": PositionState.PAUSED, "社内SE": PositionState.CLOSED}


def complete(session: Session, company_name: str) -> None:
    """Write the positions out, in the company's scope; the posting of two still lacks items."""
    for title in _WRITTEN:
        if (position := positions.find(session, title)) is not None:
            write(session, position, company_name)
            positions.set_state(session, position, _STATES.get(title, PositionState.OPEN))


def write(session: Session, position: Position, company_name: str) -> None:
    """Write out one of the positions that are known here."""
    written = _WRITTEN[position.title]
    values = (_EVERYWHERE | {"recruiter": company_name} if "salary_from" in written else {}) | written
    occupation = occupations.named(values.pop("occupation", ""))
    position_admin.change(session, position, values | {"occupation_id": occupation.id if occupation else None})
