// The stack policy of this build: what the rules cost, and where a stack fault is legal.
//
// A policy is a struct that answers four questions (see policies/rules.hpp for the one to read):
//
//     static constexpr PageCount pages_at_creation(PageCount whole);  // populated by the creator
//     static constexpr arch::Touch touch(Rule rule);                  // before becoming atomic
//     static constexpr unsigned window(unsigned bytes);               // how far it touches
//     static constexpr bool stack_fault_allowed(ContextWord word, bool irqs_on);
//
// and says whether it is believed sound (kSound): the tests expect the unsound ones to fail. What
// only some do stands in policies/defaults.hpp.
//
// All policies compile in every build; CMake's FATHOM_STACK_POLICY writes the alias below into one
// generated header.
//
// Owns:    nothing; it gathers.
// Context: any.

#pragma once

#include <context/policies/conditional.hpp>
#include <context/policies/eager.hpp>
#include <context/policies/ensure.hpp>
#include <context/policies/exception_stack.hpp>
#include <context/policies/packed.hpp>
#include <context/policies/rules.hpp>
#include <context/policies/rules_osv.hpp>
#include <context/policies/switch_in.hpp>
#include <context/policies/switch_in_alone.hpp>
#include <stack_policy.hpp>  // generated: namespace fathom { using StackPolicy = RulesPolicy; }

namespace fathom {

/// What every policy must answer.
template <typename P>
concept StackPolicyConcept = requires(ContextWord word) {
    { P::kName } -> std::convertible_to<const char*>;
    { P::pages_at_creation(PageCount(1)) } -> std::same_as<PageCount>;
    { P::kSound } -> std::convertible_to<bool>;
    { P::touch(Rule::preemptible) } -> std::same_as<arch::Touch>;
    { P::window(512) } -> std::same_as<unsigned>;
    { P::stack_fault_allowed(word, true) } -> std::same_as<bool>;
    { P::kGrowsWhileAtomic } -> std::convertible_to<bool>;
    { P::kCallsAhead } -> std::convertible_to<bool>;
    { P::kPopulatesAtSwitch } -> std::convertible_to<bool>;
    { P::kKeptWhilePreemptible } -> std::convertible_to<unsigned>;
};
static_assert(StackPolicyConcept<RulesPolicy>);
static_assert(StackPolicyConcept<EagerPolicy>);
static_assert(StackPolicyConcept<RulesOsvPolicy>);
static_assert(StackPolicyConcept<ConditionalPolicy>);
static_assert(StackPolicyConcept<PackedPolicy>);
static_assert(StackPolicyConcept<EnsurePolicy>);
static_assert(StackPolicyConcept<ExceptionStackPolicy>);
static_assert(StackPolicyConcept<SwitchInPolicy>);
static_assert(StackPolicyConcept<SwitchInAlonePolicy>);

}  // namespace fathom
