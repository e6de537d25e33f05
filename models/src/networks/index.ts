/** Networks as graph builders: each takes a parameter scope, a configuration and input values, and returns output values. */
export * from './attribute-classifier.js';
export * from './clip.js';
export * from './delta-mapper.js';
export * from './inverter.js';
export * from './ir-se.js';
export { biasLearningRateScale, constantInit, fanInNormal, leakySlope } from './layers.js';
export * from './lpips.js';
export { foldEqualLinear, foldGenerator } from './rosinality.js';
export * from './style-layout.js';
export { affine, mappingNetwork, synthesis, type Styles } from './stylegan2.js';
