package org.passerelle.peer;

import static org.passerelle.peer.Verdict.check;
import static org.passerelle.peer.Verdict.refused;
import static org.passerelle.peer.Verdict.same;

import ca.uhn.fhir.model.primitive.IdDt;
import ca.uhn.fhir.rest.api.EncodingEnum;
import ca.uhn.fhir.rest.api.MethodOutcome;
import ca.uhn.fhir.rest.api.PreferReturnEnum;
import ca.uhn.fhir.rest.api.SearchStyleEnum;
import ca.uhn.fhir.rest.api.SearchTotalModeEnum;
import ca.uhn.fhir.rest.api.SummaryEnum;
import ca.uhn.fhir.rest.client.apache.GZipContentInterceptor;
import ca.uhn.fhir.rest.client.api.IGenericClient;
import ca.uhn.fhir.rest.gclient.StringClientParam;
import ca.uhn.fhir.rest.param.DateRangeParam;
import ca.uhn.fhir.rest.server.exceptions.InvalidRequestException;
import ca.uhn.fhir.rest.server.exceptions.PreconditionFailedException;
import ca.uhn.fhir.rest.server.exceptions.ResourceGoneException;
import ca.uhn.fhir.rest.server.exceptions.ResourceNotFoundException;
import ca.uhn.fhir.rest.server.exceptions.UnprocessableEntityException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.hl7.fhir.instance.model.api.IIdType;
import org.hl7.fhir.r4.model.Binary;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Bundle.BundleType;
import org.hl7.fhir.r4.model.Bundle.HTTPVerb;
import org.hl7.fhir.r4.model.CapabilityStatement;
import org.hl7.fhir.r4.model.CarePlan;
import org.hl7.fhir.r4.model.CareTeam;
import org.hl7.fhir.r4.model.CodeType;
import org.hl7.fhir.r4.model.Meta;
import org.hl7.fhir.r4.model.Observation;
import org.hl7.fhir.r4.model.OperationOutcome;
import org.hl7.fhir.r4.model.OperationOutcome.IssueSeverity;
import org.hl7.fhir.r4.model.Parameters;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.Quantity;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;
import org.hl7.fhir.r4.model.StringType;

/** What a general practitioner's software asks for in a day. */
public final class GpSoftware {
    private static final int OBSERVATIONS = 7;
    private static final String NUMBER = "277099900000193";

    private final IGenericClient client;
    private IIdType patient;
    private IIdType plan;
    private IIdType team;

    private GpSoftware(IGenericClient client) {
        this.client = client;
    }

    public static void main(String[] arguments) {
        Verdict verdict = new Verdict();
        new GpSoftware(Software.client(arguments[0])).work(verdict);
        verdict.print();
    }

    private void work(Verdict verdict) {
        verdict.step("metadata", this::metadata);
        verdict.step("transaction", this::transaction);
        verdict.step("search-by-ins", this::searchByIns);
        verdict.step("search-by-post", this::searchByPost);
        verdict.step("include", this::include);
        verdict.step("revinclude", this::revinclude);
        verdict.step("page", this::page);
        verdict.step("page-backwards", this::pageBackwards);
        verdict.step("summary", this::summary);
        verdict.step("update-and-vread", this::updateAndVread);
        verdict.step("read-if-changed", this::readIfChanged);
        verdict.step("stale-update", this::staleUpdate);
        verdict.step("history", this::history);
        verdict.step("conditional-create", this::conditionalCreate);
        verdict.step("conditional-update", this::conditionalUpdate);
        verdict.step("json-patch", this::jsonPatch);
        verdict.step("fhirpath-patch", this::fhirPathPatch);
        verdict.step("xml-patch", this::xmlPatch);
        verdict.step("conditional-patch", this::conditionalPatch);
        verdict.step("everything", this::everything);
        verdict.step("validate", this::validate);
        verdict.step("meta", this::meta);
        verdict.step("prefer", this::prefer);
        verdict.step("xml", this::xml);
        verdict.step("format-and-pretty", this::formatAndPretty);
        verdict.step("decimal", this::decimal);
        verdict.step("binary", this::binary);
        verdict.step("batch", this::batch);
        verdict.step("packed-bodies", this::packedBodies);
        verdict.step("last-updated", this::lastUpdated);
        verdict.step("search-all-types", this::searchAllTypes);
        verdict.step("reverse-chain", this::reverseChain);
        verdict.step("lastn", this::lastn);
        verdict.step("refusals", this::refusals);
        verdict.step("delete", this::delete);
        verdict.step("conditional-delete", this::conditionalDelete);
    }

    private void metadata() {
        CapabilityStatement told = client.capabilities().ofType(CapabilityStatement.class).execute();
        same("4.0.1", told.getFhirVersion().toCode());
        check(told.getRestFirstRep().getResource().size() > 100, "few types: " + told.getRestFirstRep().getResource().size());
    }

    private void transaction() {
        Bundle bundle = new Bundle().setType(BundleType.TRANSACTION);
        CareTeam careTeam = new CareTeam();
        careTeam.setSubject(new Reference("urn:uuid:6a3a4d2e-0a5b-4c43-9a7d-000000000001"));
        CarePlan carePlan = new CarePlan().setStatus(CarePlan.CarePlanStatus.ACTIVE).setIntent(CarePlan.CarePlanIntent.PLAN);
        carePlan.setSubject(new Reference("urn:uuid:6a3a4d2e-0a5b-4c43-9a7d-000000000001"));
        carePlan.addCareTeam(new Reference("urn:uuid:6a3a4d2e-0a5b-4c43-9a7d-000000000002"));
        add(bundle, "3", carePlan);
        add(bundle, "2", careTeam);
        add(bundle, "1", Software.person(NUMBER, "Hoarau")).getRequest().setIfNoneExist("identifier=" + Software.INS + "|" + NUMBER);
        for (int number = 0; number < OBSERVATIONS; number++) {
            add(bundle, "1" + number, observation(number));
        }
        Bundle answer = client.transaction().withBundle(bundle).execute();
        same(bundle.getEntry().size(), answer.getEntry().size());
        answer.getEntry().forEach(entry -> check(entry.getResponse().getStatus().startsWith("201"), entry.getResponse().getStatus()));
        plan = location(answer, 0);
        team = location(answer, 1);
        patient = location(answer, 2);
        CarePlan stored = client.read().resource(CarePlan.class).withId(plan.toUnqualifiedVersionless()).execute();
        same(patient.getValue(), stored.getSubject().getReference());
    }

    private static Bundle.BundleEntryComponent add(Bundle bundle, String number, Resource resource) {
        Bundle.BundleEntryComponent entry = bundle.addEntry().setResource(resource);
        entry.setFullUrl("urn:uuid:6a3a4d2e-0a5b-4c43-9a7d-" + "0".repeat(12 - number.length()) + number);
        entry.getRequest().setMethod(HTTPVerb.POST).setUrl(resource.fhirType());
        return entry;
    }

    private static Observation observation(int number) {
        Observation observation = new Observation().setStatus(Observation.ObservationStatus.FINAL);
        observation.getCode().addCoding().setSystem("http://loinc.org").setCode("29463-7");
        observation.setSubject(new Reference("urn:uuid:6a3a4d2e-0a5b-4c43-9a7d-000000000001"));
        return observation.setValue(new Quantity(60.0 + number).setSystem("http://unitsofmeasure.org").setCode("kg").setUnit("kg"));
    }

    private static IIdType location(Bundle answer, int entry) {
        return new IdDt(answer.getEntry().get(entry).getResponse().getLocation()).toUnqualifiedVersionless();
    }

    private void searchByIns() {
        Bundle found = byIns(SearchStyleEnum.GET);
        same(1, found.getEntry().size());
        same(Bundle.SearchEntryMode.MATCH, found.getEntryFirstRep().getSearch().getMode());
        same(patient.getIdPart(), found.getEntryFirstRep().getResource().getIdElement().getIdPart());
        same(client.getServerBase() + "/" + patient.getValue(), found.getEntryFirstRep().getFullUrl());
    }

    private void searchByPost() {
        same(1, byIns(SearchStyleEnum.POST).getTotal());
    }

    private Bundle byIns(SearchStyleEnum style) {
        return client.search()
                .forResource(Patient.class)
                .where(Patient.IDENTIFIER.exactly().systemAndIdentifier(Software.INS, NUMBER))
                .usingStyle(style)
                .returnBundle(Bundle.class)
                .execute();
    }

    private void include() {
        Bundle found = client.search()
                .forResource(CarePlan.class)
                .where(CarePlan.PATIENT.hasChainedProperty(Patient.IDENTIFIER.exactly().systemAndIdentifier(Software.INS, NUMBER)))
                .include(CarePlan.INCLUDE_CARE_TEAM)
                .include(CarePlan.INCLUDE_SUBJECT)
                .returnBundle(Bundle.class)
                .execute();
        same(Set.of(plan.getValue() + " match", team.getValue() + " include", patient.getValue() + " include"), modes(found));
    }

    private void revinclude() {
        Bundle found = client.search()
                .forResource(Patient.class)
                .where(Patient.RES_ID.exactly().code(patient.getIdPart()))
                .revInclude(CareTeam.INCLUDE_SUBJECT)
                .returnBundle(Bundle.class)
                .execute();
        same(Set.of(patient.getValue() + " match", team.getValue() + " include"), modes(found));
    }

    private static Set<String> modes(Bundle bundle) {
        return bundle.getEntry().stream()
                .map(entry -> entry.getResource().getIdElement().toUnqualifiedVersionless().getValue()
                        + " "
                        + entry.getSearch().getMode().toCode())
                .collect(Collectors.toSet());
    }

    private void page() {
        Bundle bundle = firstPage();
        same(OBSERVATIONS, bundle.getTotal());
        List<String> seen = new ArrayList<>(ids(bundle));
        while (bundle.getLink(Bundle.LINK_NEXT) != null) {
            bundle = client.loadPage().next(bundle).execute();
            seen.addAll(ids(bundle));
        }
        same(OBSERVATIONS, seen.size());
        same(OBSERVATIONS, new HashSet<>(seen).size());
    }

    private void pageBackwards() {
        Bundle first = firstPage();
        Bundle second = client.loadPage().next(first).execute();
        if (second.getLink(Bundle.LINK_PREV) != null) {
            same(ids(first), ids(client.loadPage().previous(second).execute()));
        }
    }

    private Bundle firstPage() {
        return client.search()
                .forResource(Observation.class)
                .where(Observation.PATIENT.hasId(patient))
                .and(Observation.VALUE_QUANTITY.greaterThanOrEquals().number(60).andUnits("http://unitsofmeasure.org", "kg"))
                .sort()
                .descending(Observation.VALUE_QUANTITY)
                .count(2)
                .totalMode(SearchTotalModeEnum.ACCURATE)
                .returnBundle(Bundle.class)
                .execute();
    }

    private static List<String> ids(Bundle bundle) {
        return bundle.getEntry().stream().map(entry -> entry.getResource().getIdElement().getIdPart()).toList();
    }

    private void summary() {
        Bundle counted = client.search().forResource(Observation.class).summaryMode(SummaryEnum.COUNT).returnBundle(Bundle.class).execute();
        same(OBSERVATIONS, counted.getTotal());
        check(counted.getEntry().isEmpty(), "a count has entries");
        Patient part = client.read().resource(Patient.class).withId(patient).elementsSubset("identifier").execute();
        check(part.hasIdentifier() && !part.hasName(), "_elements was not kept to");
        same("SUBSETTED", part.getMeta().getTagFirstRep().getCode());
    }

    private void updateAndVread() {
        Patient changed = read();
        changed.setBirthDateElement(new org.hl7.fhir.r4.model.DateType("1977-09"));
        MethodOutcome outcome = client.update().resource(changed).execute();
        same(false, outcome.getCreated() != null && outcome.getCreated());
        same("2", outcome.getId().getVersionIdPart());
        Patient before = client.read().resource(Patient.class).withIdAndVersion(patient.getIdPart(), "1").execute();
        check(!before.hasBirthDate(), "version 1 changed");
        same("1", before.getMeta().getVersionId());
        same("1977-09", read().getBirthDateElement().getValueAsString());
    }

    private void readIfChanged() {
        Patient unchanged = client.read().resource(Patient.class).withId(patient).ifVersionMatches("2").returnNull().execute();
        same(null, unchanged);
        check(client.read().resource(Patient.class).withId(patient).ifVersionMatches("1").returnNull().execute() != null, "304 for another version");
    }

    private void staleUpdate() throws Exception {
        Patient changed = read().setActive(false);
        changed.setId(patient.withVersion("1")); // this client sends the version of the id as If-Match
        refused(PreconditionFailedException.class, () -> client.update().resource(changed).execute());
        changed.setId(patient.withVersion("2"));
        same("3", client.update().resource(changed).execute().getId().getVersionIdPart());
    }

    private void history() {
        Bundle versions = client.history().onInstance(patient).returnBundle(Bundle.class).execute();
        same(BundleType.HISTORY, versions.getType());
        same(List.of("3", "2", "1"), versions.getEntry().stream().map(entry -> entry.getResource().getMeta().getVersionId()).toList());
        Bundle some = client.history().onType(Observation.class).returnBundle(Bundle.class).count(3).execute();
        same(3, some.getEntry().size());
        check(!client.loadPage().next(some).execute().getEntry().isEmpty(), "an empty page of history");
        Date later = new Date(System.currentTimeMillis() + 86_400_000);
        same(0, client.history().onServer().returnBundle(Bundle.class).since(later).execute().getEntry().size());
    }

    private void conditionalCreate() {
        MethodOutcome outcome = client.create()
                .resource(Software.person(NUMBER, "Autre"))
                .conditional()
                .where(Patient.IDENTIFIER.exactly().systemAndIdentifier(Software.INS, NUMBER))
                .execute();
        same(patient.getIdPart(), outcome.getId().getIdPart());
        check(outcome.getCreated() == null || !outcome.getCreated(), "created although there is one");
        same("Hoarau", read().getNameFirstRep().getFamily());
    }

    private void conditionalUpdate() {
        same(patient.getIdPart(), updateWhere(NUMBER, "Hoarau-Payet").getId().getIdPart());
        same("Hoarau-Payet", read().getNameFirstRep().getFamily());
        MethodOutcome made = updateWhere("199099900000112", "Nouveau");
        same(true, made.getCreated());
    }

    private MethodOutcome updateWhere(String number, String family) {
        return client.update()
                .resource(Software.person(number, family))
                .conditional()
                .where(Patient.IDENTIFIER.exactly().systemAndIdentifier(Software.INS, number))
                .execute();
    }

    private void jsonPatch() {
        client.patch().withBody("[{\"op\": \"add\", \"path\": \"/gender\", \"value\": \"female\"}]").withId(patient).execute();
        same("female", read().getGender().toCode());
    }

    private void fhirPathPatch() {
        client.patch().withFhirPatch(replace("Patient.name[0].family", new StringType("Grondin"))).withId(patient).execute();
        same("Grondin", read().getNameFirstRep().getFamily());
    }

    private void xmlPatch() {
        client.patch()
                .withBody("<diff xmlns:f=\"http://hl7.org/fhir\"><replace sel=\"f:Patient/f:gender/@value\">other</replace></diff>")
                .withId(patient)
                .execute();
        same("other", read().getGender().toCode());
    }

    private void conditionalPatch() {
        MethodOutcome outcome = client.patch()
                .withFhirPatch(replace("Patient.gender", new CodeType("female")))
                .conditional(Patient.class)
                .where(Patient.IDENTIFIER.exactly().systemAndIdentifier(Software.INS, NUMBER))
                .execute();
        same(patient.getIdPart(), outcome.getId().getIdPart());
        same("female", read().getGender().toCode());
    }

    private static Parameters replace(String path, org.hl7.fhir.r4.model.Type value) {
        Parameters patch = new Parameters();
        Parameters.ParametersParameterComponent operation = patch.addParameter().setName("operation");
        operation.addPart().setName("type").setValue(new CodeType("replace"));
        operation.addPart().setName("path").setValue(new StringType(path));
        operation.addPart().setName("value").setValue(value);
        return patch;
    }

    private void everything() {
        Bundle record = client.operation()
                .onInstance(patient)
                .named("$everything")
                .withNoParameters(Parameters.class)
                .returnResourceType(Bundle.class)
                .execute();
        Set<String> types = record.getEntry().stream().map(entry -> entry.getResource().fhirType()).collect(Collectors.toSet());
        same(Set.of("Patient", "CarePlan", "CareTeam", "Observation"), types);
        same(3 + OBSERVATIONS, record.getEntry().size());
        Bundle some = client.operation()
                .onInstance(patient)
                .named("$everything")
                .withParameter(Parameters.class, "_type", new CodeType("CareTeam"))
                .useHttpGet()
                .returnResourceType(Bundle.class)
                .execute();
        check(some.getEntry().size() < record.getEntry().size(), "_type was ignored");
    }

    private void validate() {
        OperationOutcome good = (OperationOutcome) client.validate().resource(read()).execute().getOperationOutcome();
        check(good.getIssue().stream().noneMatch(GpSoftware::isError), "a good patient was found wrong");
        Observation lacking = new Observation();
        lacking.addNote().setText("neither status nor code");
        OperationOutcome bad = (OperationOutcome) client.validate().resource(lacking).execute().getOperationOutcome();
        check(bad.getIssue().stream().anyMatch(GpSoftware::isError), "an observation without status and code was found good");
    }

    private static boolean isError(OperationOutcome.OperationOutcomeIssueComponent issue) {
        return issue.getSeverity() == IssueSeverity.ERROR || issue.getSeverity() == IssueSeverity.FATAL;
    }

    private void meta() {
        Meta tag = new Meta();
        tag.addTag().setSystem("urn:example:tags").setCode("followed");
        same(1, client.meta().add().onResource(patient).meta(tag).execute().getTag().size());
        same("followed", client.meta().get(Meta.class).fromResource(patient).execute().getTagFirstRep().getCode());
        Bundle tagged = client.search().forResource(Patient.class).withTag("urn:example:tags", "followed").returnBundle(Bundle.class).execute();
        same(1, tagged.getEntry().size());
        same(0, client.meta().delete().onResource(patient).meta(tag).execute().getTag().size());
    }

    private void prefer() {
        MethodOutcome minimal = client.create().resource(Software.person("1", "Minimal")).prefer(PreferReturnEnum.MINIMAL).execute();
        check(minimal.getResource() == null, "return=minimal has a body");
        MethodOutcome whole = client.create().resource(Software.person("2", "Whole")).prefer(PreferReturnEnum.REPRESENTATION).execute();
        same("Whole", ((Patient) whole.getResource()).getNameFirstRep().getFamily());
        MethodOutcome told = client.create().resource(Software.person("3", "Told")).prefer(PreferReturnEnum.OPERATION_OUTCOME).execute();
        check(told.getOperationOutcome() instanceof OperationOutcome, "return=OperationOutcome has none");
    }

    private void xml() {
        client.setEncoding(EncodingEnum.XML);
        try {
            IIdType made = client.create().resource(Software.person("4", "Sautron & fils <é>")).execute().getId();
            Patient stored = client.read().resource(Patient.class).withId(made.toUnqualifiedVersionless()).execute();
            same("Sautron & fils <é>", stored.getNameFirstRep().getFamily());
            same(3 + OBSERVATIONS, recordSize());
            same(1, byIns(SearchStyleEnum.POST).getEntry().size());
        } finally {
            client.setEncoding(EncodingEnum.JSON);
        }
    }

    private int recordSize() {
        return client.operation()
                .onInstance(patient)
                .named("$everything")
                .withNoParameters(Parameters.class)
                .returnResourceType(Bundle.class)
                .execute()
                .getEntry()
                .size();
    }

    private void formatAndPretty() {
        client.setFormatParamStyle(ca.uhn.fhir.rest.api.RequestFormatParamStyleEnum.SHORT);
        client.setPrettyPrint(true);
        try {
            same(1, byIns(SearchStyleEnum.GET).getEntry().size());
        } finally {
            client.setPrettyPrint(false);
            client.setFormatParamStyle(ca.uhn.fhir.rest.api.RequestFormatParamStyleEnum.NONE);
        }
    }

    private void decimal() {
        Observation precise = observation(0);
        precise.setSubject(new Reference(patient));
        precise.setValue(new Quantity().setValue(new BigDecimal("1.50")));
        IIdType made = client.create().resource(precise).execute().getId().toUnqualifiedVersionless();
        same("1.50", client.read().resource(Observation.class).withId(made).execute().getValueQuantity().getValueElement().getValueAsString());
        client.delete().resourceById(made).execute();
    }

    private void binary() {
        Binary letter = new Binary().setContentType("text/plain");
        letter.setContent("Cher confrère".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        IIdType made = client.create().resource(letter).execute().getId().toUnqualifiedVersionless();
        Binary read = client.read().resource(Binary.class).withId(made).execute();
        same("Cher confrère", new String(read.getContent(), java.nio.charset.StandardCharsets.UTF_8));
        check(read.getContentType().startsWith("text/plain"), read.getContentType());
    }

    private void batch() {
        Bundle bundle = new Bundle().setType(BundleType.BATCH);
        bundle.addEntry().getRequest().setMethod(HTTPVerb.GET).setUrl(patient.getValue());
        bundle.addEntry().getRequest().setMethod(HTTPVerb.GET).setUrl("Patient/nobody");
        bundle.addEntry().getRequest().setMethod(HTTPVerb.GET).setUrl("Observation?_summary=count");
        Bundle answer = client.transaction().withBundle(bundle).execute();
        same(BundleType.BATCHRESPONSE, answer.getType());
        same(List.of("200", "404", "200"), answer.getEntry().stream().map(entry -> entry.getResponse().getStatus().substring(0, 3)).toList());
        check(answer.getEntry().get(1).getResponse().getOutcome() instanceof OperationOutcome, "no outcome for what is not there");
    }

    private void packedBodies() {
        GZipContentInterceptor packing = new GZipContentInterceptor();
        client.registerInterceptor(packing);
        try {
            MethodOutcome made = client.create().resource(Software.person("6", "Emballé")).execute();
            same("Emballé", ((Patient) made.getResource()).getNameFirstRep().getFamily());
        } finally {
            client.unregisterInterceptor(packing);
        }
    }

    private void lastUpdated() {
        Date moment = read().getMeta().getLastUpdated();
        Bundle found = client.search()
                .forResource(Patient.class)
                .where(Patient.RES_ID.exactly().code(patient.getIdPart()))
                .lastUpdated(new DateRangeParam(moment, moment))
                .returnBundle(Bundle.class)
                .execute();
        same(List.of(patient.getIdPart()), ids(found));
    }

    private void searchAllTypes() {
        Bundle found = client.search()
                .forAllResources()
                .where(Patient.RES_ID.exactly().codes(patient.getIdPart(), team.getIdPart()))
                .returnBundle(Bundle.class)
                .execute();
        same(Set.of(patient.getIdPart(), team.getIdPart()), new HashSet<>(ids(found)));
    }

    private void reverseChain() {
        Bundle found = client.search()
                .forResource(Patient.class)
                .where(Patient.FAMILY.matches().value("grondin"))
                .and(new StringClientParam("_has:CarePlan:subject:status").matches().value("active"))
                .returnBundle(Bundle.class)
                .execute();
        same(List.of(patient.getIdPart()), ids(found));
    }

    private void lastn() {
        Parameters asked = new Parameters();
        asked.addParameter().setName("patient").setValue(new StringType(patient.getIdPart()));
        asked.addParameter().setName("code").setValue(new StringType("http://loinc.org|29463-7"));
        asked.addParameter().setName("max").setValue(new org.hl7.fhir.r4.model.PositiveIntType(2));
        Bundle found = client.operation()
                .onType(Observation.class)
                .named("$lastn")
                .withParameters(asked)
                .returnResourceType(Bundle.class)
                .execute();
        same(2, found.getEntry().size());
    }

    private void refusals() throws Exception {
        refused(ResourceNotFoundException.class, () -> client.read().resource(Patient.class).withId("nobody").execute());
        refused(InvalidRequestException.class, () -> client.search().byUrl("Patient?birthdate=yesterday").returnBundle(Bundle.class).execute());
        refused(
                PreconditionFailedException.class,
                () -> client.update().resource(Software.person("5", "X")).conditionalByUrl("Patient?identifier=" + Software.INS + "|").execute());
        refused(
                UnprocessableEntityException.class,
                () -> client.patch().withBody("[{\"op\": \"replace\", \"path\": \"/nothing\", \"value\": 1}]").withId(patient).execute());
    }

    private void delete() throws Exception {
        client.delete().resourceById(plan).execute();
        refused(ResourceGoneException.class, () -> client.read().resource(CarePlan.class).withId(plan).execute());
        Bundle versions = client.history().onInstance(plan).returnBundle(Bundle.class).execute();
        same(HTTPVerb.DELETE, versions.getEntryFirstRep().getRequest().getMethod());
        same("1", client.read().resource(CarePlan.class).withIdAndVersion(plan.getIdPart(), "1").execute().getMeta().getVersionId());
    }

    private void conditionalDelete() {
        client.delete()
                .resourceConditionalByType(Patient.class)
                .where(Patient.IDENTIFIER.exactly().systemAndIdentifier(Software.INS, "4"))
                .execute();
        same(0, client.search().byUrl("Patient?identifier=" + Software.INS + "|4").returnBundle(Bundle.class).execute().getEntry().size());
    }

    private Patient read() {
        return client.read().resource(Patient.class).withId(patient).execute();
    }
}
