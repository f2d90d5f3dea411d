package org.passerelle.peer;

import static org.passerelle.peer.Verdict.check;
import static org.passerelle.peer.Verdict.refused;
import static org.passerelle.peer.Verdict.same;

import ca.uhn.fhir.model.primitive.IdDt;
import ca.uhn.fhir.rest.client.api.IGenericClient;
import ca.uhn.fhir.rest.server.exceptions.BaseServerResponseException;
import java.nio.charset.StandardCharsets;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.hl7.fhir.r4.model.Binary;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Bundle.BundleType;
import org.hl7.fhir.r4.model.Bundle.HTTPVerb;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.Composition;
import org.hl7.fhir.r4.model.Condition;
import org.hl7.fhir.r4.model.DateTimeType;
import org.hl7.fhir.r4.model.DocumentReference;
import org.hl7.fhir.r4.model.Encounter;
import org.hl7.fhir.r4.model.Enumerations;
import org.hl7.fhir.r4.model.Parameters;
import org.hl7.fhir.r4.model.Practitioner;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;

/** A hospital admits and discharges someone: each time one transaction. */
public final class HospitalSoftware {
    private static final String NUMBER = "155069900000188";
    private static final String STAYS = "urn:example:stays";
    private static final String PATIENT = urn(1);
    private static final String ENCOUNTER = urn(2);
    private static final String DOCTOR = urn(3);
    private static final String CONDITION = urn(4);
    private static final String BINARY = urn(5);
    private static final String LETTER = urn(6);
    private static final String COMPOSITION = urn(7);

    private final IGenericClient client;
    private Bundle answer;

    private HospitalSoftware(IGenericClient client) {
        this.client = client;
    }

    public static void main(String[] arguments) {
        Verdict verdict = new Verdict();
        HospitalSoftware software = new HospitalSoftware(Software.client(arguments[0]));
        verdict.step("admission", software::admission);
        verdict.step("discharge", software::discharge);
        verdict.step("references", software::references);
        verdict.step("replay", software::replay);
        verdict.step("all-or-nothing", software::allOrNothing);
        verdict.step("if-match", software::ifMatch);
        verdict.step("document", software::document);
        verdict.print();
    }

    private static String urn(int number) {
        return "urn:uuid:4f0f9a52-61f7-4f0e-8d0a-00000000000" + number;
    }

    private void admission() {
        Bundle bundle = new Bundle().setType(BundleType.TRANSACTION);
        patient(bundle);
        stay(bundle, Encounter.EncounterStatus.INPROGRESS);
        same(List.of("201", "201"), statuses(send(bundle)));
    }

    private void discharge() {
        answer = send(dischargeBundle());
        same(List.of("200", "200", "201", "201", "201", "201", "201"), statuses(answer));
        answer.getEntry().forEach(entry -> check(entry.getResponse().hasEtag() && entry.getResponse().hasLastModified(), "an answer without etag"));
    }

    private void references() {
        Encounter stay = client.read().resource(Encounter.class).withId(id(1)).execute();
        same(id(0), stay.getSubject().getReference());
        same(id(3), stay.getDiagnosisFirstRep().getCondition().getReference());
        Condition condition = client.read().resource(Condition.class).withId(id(3)).execute();
        same(id(1), condition.getEncounter().getReference());
        DocumentReference letter = client.read().resource(DocumentReference.class).withId(id(5)).execute();
        same(id(4), letter.getContentFirstRep().getAttachment().getUrl());
    }

    private void replay() {
        send(dischargeBundle());
        same(1, count("Patient?identifier=" + Software.INS + "|" + NUMBER));
        same(1, count("Encounter?identifier=" + STAYS + "|S1"));
        same(1, count("Condition?patient.identifier=" + Software.INS + "|" + NUMBER));
    }

    private void allOrNothing() throws Exception {
        int before = count("Practitioner?name=Fautif");
        Bundle bundle = new Bundle().setType(BundleType.TRANSACTION);
        Practitioner doctor = new Practitioner();
        doctor.addName().setFamily("Fautif");
        add(bundle, urn(8), doctor, HTTPVerb.POST, "Practitioner");
        bundle.addEntry().getRequest().setMethod(HTTPVerb.DELETE).setUrl("Encounter/" + new IdDt(id(1)).getIdPart()).setIfMatch("W/\"99\"");
        BaseServerResponseException error = refused(BaseServerResponseException.class, () -> send(bundle));
        same(412, error.getStatusCode());
        same(before, count("Practitioner?name=Fautif"));
    }

    private void ifMatch() {
        Encounter stay = client.read().resource(Encounter.class).withId(id(1)).execute();
        String version = stay.getMeta().getVersionId();
        stay.setStatus(Encounter.EncounterStatus.ENTEREDINERROR);
        Bundle bundle = new Bundle().setType(BundleType.TRANSACTION);
        bundle.addEntry().setResource(stay).getRequest().setMethod(HTTPVerb.PUT).setUrl(id(1)).setIfMatch("W/\"" + version + "\"");
        same(List.of("200"), statuses(send(bundle)));
    }

    private void document() {
        Bundle document = client.operation()
                .onInstance(new IdDt(id(6)))
                .named("$document")
                .withNoParameters(Parameters.class)
                .useHttpGet()
                .returnResourceType(Bundle.class)
                .execute();
        same(BundleType.DOCUMENT, document.getType());
        same("Composition", document.getEntryFirstRep().getResource().fhirType());
        Set<String> types = document.getEntry().stream().map(entry -> entry.getResource().fhirType()).collect(Collectors.toSet());
        check(types.containsAll(Set.of("Composition", "Patient", "Encounter", "Practitioner", "Condition")), "lacks some: " + types);
    }

    private Bundle dischargeBundle() {
        Bundle bundle = new Bundle().setType(BundleType.TRANSACTION);
        patient(bundle);
        Encounter stay = stay(bundle, Encounter.EncounterStatus.FINISHED);
        stay.addDiagnosis().setCondition(new Reference(CONDITION));
        stay.addParticipant().setIndividual(new Reference(DOCTOR));
        Practitioner doctor = new Practitioner();
        doctor.addIdentifier().setSystem("urn:oid:1.2.250.1.71.4.2.1").setValue("899700000001");
        doctor.addName().setFamily("Técher");
        add(bundle, DOCTOR, doctor, HTTPVerb.POST, "Practitioner").getRequest()
                .setIfNoneExist("identifier=urn:oid:1.2.250.1.71.4.2.1|899700000001");
        condition(bundle);
        Binary pdf = new Binary().setContentType("application/pdf");
        pdf.setContent("%PDF-1.7 made up".getBytes(StandardCharsets.UTF_8));
        add(bundle, BINARY, pdf, HTTPVerb.POST, "Binary");
        letter(bundle);
        composition(bundle);
        return bundle;
    }

    private static void patient(Bundle bundle) {
        add(bundle, PATIENT, Software.person(NUMBER, "Boyer"), HTTPVerb.POST, "Patient")
                .getRequest()
                .setIfNoneExist("identifier=" + Software.INS + "|" + NUMBER);
    }

    private static Encounter stay(Bundle bundle, Encounter.EncounterStatus status) {
        Encounter stay = new Encounter().setStatus(status);
        stay.addIdentifier().setSystem(STAYS).setValue("S1");
        stay.setClass_(new Coding("http://terminology.hl7.org/CodeSystem/v3-ActCode", "IMP", null));
        stay.setSubject(new Reference(PATIENT));
        stay.getPeriod().setStartElement(new DateTimeType("2026-03-02T08:10:00+04:00"));
        add(bundle, ENCOUNTER, stay, HTTPVerb.PUT, "Encounter?identifier=" + STAYS + "|S1");
        return stay;
    }

    private static void condition(Bundle bundle) {
        Condition condition = new Condition().setSubject(new Reference(PATIENT)).setEncounter(new Reference(ENCOUNTER));
        condition.setCode(new CodeableConcept(new Coding("http://hl7.org/fhir/sid/icd-10", "I50.0", null)));
        add(bundle, CONDITION, condition, HTTPVerb.POST, "Condition").getRequest().setIfNoneExist("patient.identifier=" + Software.INS + "|" + NUMBER + "&code=I50.0");
    }

    private static void letter(Bundle bundle) {
        DocumentReference letter = new DocumentReference().setStatus(Enumerations.DocumentReferenceStatus.CURRENT);
        letter.setSubject(new Reference(PATIENT));
        letter.getContext().addEncounter(new Reference(ENCOUNTER));
        letter.addContent().getAttachment().setContentType("application/pdf").setUrl(BINARY);
        add(bundle, LETTER, letter, HTTPVerb.POST, "DocumentReference");
    }

    private static void composition(Bundle bundle) {
        Composition composition = new Composition().setStatus(Composition.CompositionStatus.FINAL);
        composition.setType(new CodeableConcept(new Coding("http://loinc.org", "11490-0", null)));
        composition.setSubject(new Reference(PATIENT)).setEncounter(new Reference(ENCOUNTER));
        composition.addAuthor(new Reference(DOCTOR));
        composition.setDate(new Date()).setTitle("Lettre de liaison");
        composition.addSection().setTitle("Diagnostic").addEntry(new Reference(CONDITION));
        add(bundle, COMPOSITION, composition, HTTPVerb.POST, "Composition");
    }

    private static Bundle.BundleEntryComponent add(Bundle bundle, String fullUrl, Resource resource, HTTPVerb verb, String url) {
        Bundle.BundleEntryComponent entry = bundle.addEntry().setFullUrl(fullUrl).setResource(resource);
        entry.getRequest().setMethod(verb).setUrl(url);
        return entry;
    }

    private Bundle send(Bundle bundle) {
        return client.transaction().withBundle(bundle).execute();
    }

    private static List<String> statuses(Bundle told) {
        return told.getEntry().stream().map(entry -> entry.getResponse().getStatus().substring(0, 3)).toList();
    }

    private String id(int entry) {
        return new IdDt(answer.getEntry().get(entry).getResponse().getLocation()).toUnqualifiedVersionless().getValue();
    }

    private int count(String url) {
        return client.search().byUrl(url).returnBundle(Bundle.class).execute().getTotal();
    }
}
