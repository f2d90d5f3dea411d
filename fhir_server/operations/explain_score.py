"""QuestionnaireResponse/$explain-score: how a score came about, answer by answer, in figures and in sentences. An operation of our own.

Who signs a plan on the strength of a score must be able to see what made it. Nothing is stored, and nothing is concluded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from fhir_server.model.issue import Category, fault
from fhir_server.model.json_array import objects
from fhir_server.model.json_format import Resource
from fhir_server.model.phrase import Phrase, in_language, phrase
from fhir_server.operations.arguments import Arguments, answer
from fhir_server.operations.populate import FormDesk
from fhir_server.operations.questionnaire_asked import by_canonical, questionnaire_asked
from fhir_server.operations.sent import sent
from fhir_server.questionnaires import Environment, Pair, paired
from fhir_server.questionnaires.answer_value import same_coding
from fhir_server.questionnaires.item import Answer, answer_value
from fhir_server.questionnaires.offered_codes import OfferedCodes
from fhir_server.questionnaires.score import CalculatedScore, Score, ScoredAnswer, Section, score_of
from fhir_server.questionnaires.translation import said

DEFINITION: Resource = {
    "code": "explain-score",
    "parameter": [
        {"name": "questionnaire-response", "use": "in", "max": "1", "type": "QuestionnaireResponse"},
        {"name": "questionnaire", "use": "in", "max": "1"},
    ],
}

Part = dict[str, Any]


def explained(arguments: Arguments, desk: FormDesk, stored: Resource | None = None) -> Resource:
    """Parameters: the total, a part for each answer that counts, each section, each answer that is worked out, and the text of it all."""
    response = stored or sent(arguments, "questionnaire-response", "QuestionnaireResponse", desk.definitions)
    if response is None:
        raise fault(Category.MALFORMED, "required", "Send a 'questionnaire-response', or name a stored one in the address.")
    questionnaire = _form_of(response, arguments, desk)
    codes = OfferedCodes(questionnaire, desk.terminology)
    environment = Environment(
        paired(questionnaire, response), desk.definitions.schema, now=desk.now, source=desk.source, resolve=desk.source.resolve,
        concept_weight=codes.concept_weight,
    )  # fmt: skip
    return answer(*_Told(environment, desk.language).parts(score_of(environment, codes.with_code)))


def _form_of(response: Resource, arguments: Arguments, desk: FormDesk) -> Resource:
    if "questionnaire" in arguments:
        return questionnaire_asked(arguments, desk.source, desk.definitions)
    canonical = response.get("questionnaire")
    found = by_canonical(canonical, desk.source, desk.definitions) if isinstance(canonical, str) else None
    if found is None:
        told = f"The questionnaire {str(canonical)[:200]} that is answered is not here; send it as 'questionnaire'."
        raise fault(Category.NOT_FOUND, "not-found", told)
    return found


class _Told:
    """A score as parameters, said in one language."""

    def __init__(self, environment: Environment, language: str):
        self._environment, self._language = environment, language

    def parts(self, score: Score) -> Iterator[Part]:
        yield {"name": "total", "valueDecimal": score.total}
        for one in score.answers:
            yield {"name": "answer", "part": list(self._answer(one))}
        for section in score.sections:
            yield {"name": "section", "part": list(self._section(section))}
        for calculated in score.calculated:
            yield {"name": "calculated", "part": list(self._calculated(calculated))}
        for pair in score.unanswered:
            told = phrase("{question}: no answer, so it counts nothing.", question=self._asked(pair))
            yield {"name": "unanswered", "part": [_text("linkId", pair.link_id), self._sentence(told)]}
        yield {"name": "text", "valueString": "\n".join(self._sentences(score))}

    def _answer(self, one: ScoredAnswer) -> Iterator[Part]:
        yield _text("linkId", one.pair.link_id)
        yield {"name": "value", **{name: value for name, value in one.answer.items() if name.startswith("value")}}
        yield {"name": "weight", "valueDecimal": one.weight}
        yield {"name": "runningTotal", "valueDecimal": one.running}
        if one.section:
            yield _text("section", one.section.link_id)
        yield self._sentence(self._answer_said(one))

    def _answer_said(self, one: ScoredAnswer) -> Phrase:
        return phrase(
            "{question}: {answer} counts {weight}; {running} so far.",
            question=self._asked(one.pair), answer=self._said([self._answered(one)]),
            weight=_number(one.weight), running=_number(one.running),
        )  # fmt: skip

    def _section(self, section: Section) -> Iterator[Part]:
        yield _text("linkId", section.pair.link_id)
        yield {"name": "total", "valueDecimal": section.total}
        yield self._sentence(self._section_said(section))

    def _section_said(self, section: Section) -> Phrase:
        return phrase("{question}: {total} in this section.", question=self._asked(section.pair), total=_number(section.total))

    def _calculated(self, one: CalculatedScore) -> Iterator[Part]:
        yield _text("linkId", one.pair.link_id)
        for name, answers in (("answered", one.answered), ("calculated", one.calculated)):
            yield from ({"name": name, **found} for found in map(_value_only, answers))
        yield {"name": "agrees", "valueBoolean": one.agrees}
        yield from (_text("operand", link_id) for link_id in dict.fromkeys(operand.pair.link_id for operand in one.operands))
        yield self._sentence(self._calculated_said(one))

    def _calculated_said(self, one: CalculatedScore) -> Phrase:
        question = self._asked(one.pair)
        if one.error:
            return phrase("{question}: cannot be worked out here ({why}).", question=question, why=str(one.error))
        value, made_of = self._said(one.calculated), _sum_said(one.operands)
        if not one.agrees:
            given = self._said(one.answered)
            return phrase(
                "{question}: {given} is answered, but {value} comes out{made_of}.",
                question=question, given=given, value=value, made_of=made_of,
            )  # fmt: skip
        return phrase("{question}: {value}{made_of}.", question=question, value=value, made_of=made_of)

    def _sentences(self, score: Score) -> Iterator[str]:
        sentences: list[Phrase] = [self._answer_said(one) for one in score.answers]
        sentences += [self._section_said(one) for one in score.sections]
        sentences += [self._calculated_said(one) for one in score.calculated]
        sentences += [phrase("Together: {total}.", total=_number(score.total))]
        if score.unanswered:
            sentences.append(phrase("Not answered: {questions}.", questions=", ".join(map(self._asked, score.unanswered))))
        return (in_language(one, self._language) for one in sentences)

    def _sentence(self, sentence: Phrase) -> Part:
        return _text("text", in_language(sentence, self._language))

    def _said(self, answers: Iterable[Answer]) -> str:
        values = [answer_value(one, self._environment.schema)[2] for one in answers]
        return ", ".join(in_language(_value_said(one, self._language), self._language) for one in values) or phrase("nothing")

    def _asked(self, pair: Pair) -> str:
        words = (said(pair.question, "prefix", self._language), said(pair.question, "text", self._language) or pair.link_id)
        return " ".join(one for one in words if one)

    def _answered(self, one: ScoredAnswer) -> Answer:
        """The answer as the form's option has it, which may be translated."""
        _, name, value = answer_value(one.answer, self._environment.schema)
        offered = [option for option in objects(one.pair.question.get("answerOption")) if same_coding(option.get(name), value)]
        return offered[0] if offered else one.answer


def _sum_said(operands: list[ScoredAnswer]) -> str:
    """` = 1 + 2 + 0`, from the answers that are named."""
    return f" ({' + '.join(_number(one.weight) for one in operands)})" if operands else ""


def _value_said(value: Any, language: str) -> str:
    if isinstance(value, dict):
        return str(said(value, "display", language) or value.get("code") or value.get("value") or value.get("reference") or "")
    if isinstance(value, bool):
        return phrase("yes") if value else phrase("no")
    return _number(value) if isinstance(value, Decimal) else str(value)


def _value_only(found: Answer) -> Part:
    return {name: value for name, value in found.items() if name.startswith("value")}


def _number(value: Any) -> str:
    """Without zeros that say nothing."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _text(name: str, value: str) -> Part:
    return {"name": name, "valueString": str(value)}
